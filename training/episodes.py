"""False alarms as an operator sees them, counted on clean scores, and the threshold that keeps them within a budget.

High above the bulk, a stationary series exceeds a level in clusters, and the clusters come as a Poisson process: the
rate of samples is the rate of clusters times their mean length, whose inverse is the extremal index (Leadbetter 1983;
Ferro and Segers 2003). Clusters that themselves keep company are counted for what they are worth, by their dispersion.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from model.alarm_budget import SECONDS, AlarmBudget
from model.errors import CalibrationError
from training.alarm_budget import AskedBudget, duration
from training.alarm_config import AlarmConfig
from training.annunciations import Series
from training.dependence import TAIL_MINIMUM, TAILS, inflation

MOST_ABOVE = 0.1  # share of the scores; with more of them above, alarms would be the rule and their episodes few
FINENESS = 200  # thresholds tried for a share of scores: every one of the first few hundred, then fewer


@dataclass(frozen=True)
class Kept:
    """The lowest score at which the ``budget`` is kept, a threshold, and what is expected above it."""

    value: float
    budget: AlarmBudget


def keep_budget(series: Series, asked: AskedBudget, rule: AlarmConfig, confidence: float) -> Kept:
    """Find the threshold for clean scores in time order, under which ``rule`` raises as few alarms as ``asked``.

    Coming down from the largest score, the upper confidence limit on the number of alarms is held against the budget;
    the first breach ends it. The threshold lies below the level t at which the true rate is the budget only if the
    limit was kept at t, by a count that chance makes so low with a probability of at most 1 - confidence. That need not have
    more alarms the lower the threshold: as runs join, there may well be fewer.

    Raises:
        CalibrationError: too short a time for the budget; says how long it takes.
    """
    n = series.scores.size
    dispersion = _dispersion(series, rule)
    require_time(n, asked, confidence, dispersion)
    allowed = asked.per_sample * n
    counts = np.arange(min(int(allowed), n) + 1)
    most = int(np.searchsorted(_upper(counts, dispersion, confidence), allowed, side="right")) - 1

    descending = np.sort(series.scores)[::-1]
    value, alarms = float(descending[0]), series.alarms_above(float(descending[0]), rule)
    for rank in _ranks(int(MOST_ABOVE * n)):
        level = float(descending[rank])
        if level < value:
            found = series.alarms_above(level, rule)
            if len(found) > most:
                break
            value, alarms = level, found
    seen = len(alarms)
    per_period = SECONDS[asked.period] / asked.interval / n
    return Kept(
        value,
        AlarmBudget(
            episodes=asked.episodes,
            period=asked.period,
            sampling_interval=asked.interval,
            gap=rule.off_delay,
            confidence=confidence,
            seen=seen,
            seconds=n * asked.interval,
            expected=seen * per_period,
            expected_low=_lower(seen, dispersion, confidence) * per_period,
            expected_high=min(float(_upper(np.array(seen), dispersion, confidence)) * per_period, asked.episodes),
            mean_length=sum(cleared - raised for raised, cleared in alarms) / seen if seen else None,
            dispersion=dispersion,
        ),
    )


def _ranks(most: int) -> Iterator[int]:
    """Count up to ``most``, in steps that grow with the rank to a half percent of it."""
    rank = 0
    while rank <= most:
        yield rank
        rank += max(1, rank // FINENESS)


def require_time(n: int, asked: AskedBudget, confidence: float, dispersion: float = 1.0) -> None:
    """Refuse a budget for which ``n`` samples are too short a time, even without an episode among them.

    Raises:
        CalibrationError: says how long it takes.
    """
    needed = needed_samples(asked, confidence, dispersion)
    if n < needed:
        company = f", as alarms of these rows come in bouts of {dispersion:.3g}" if dispersion > 1 else ""
        raise CalibrationError(
            f"to keep an alarm budget of {asked} with {confidence:.0%} confidence takes {duration(needed * asked.interval)} "
            f"of clean calibration data ({needed:,} samples){company}, found {duration(n * asked.interval)} ({n:,} samples); "
            "give clean data of a longer time, a larger calibration share, calibration.method = 'cross_fitted', which "
            "calibrates on all rows, or a larger budget"
        )


def needed_samples(asked: AskedBudget, confidence: float, dispersion: float = 1.0) -> int:
    """Give the samples after which not one episode bears out the budget: 3 periods of one at 95 %, ``-ln 0.05``."""
    return int(np.ceil(float(_upper(np.array(0), dispersion, confidence)) / asked.per_sample))


def _dispersion(series: Series, rule: AlarmConfig) -> float:
    """Give the variance over the mean of how many alarms start in a long stretch, at levels with enough of them."""
    found = [1.0]
    for tail in TAILS:
        starts = np.zeros(series.scores.size)
        starts[[raised for raised, _ in series.alarms_above(float(np.quantile(series.scores, 1 - tail)), rule)]] = 1.0
        if starts.sum() >= TAIL_MINIMUM:
            found.append(inflation(starts))
    return max(found)


def _upper(seen: NDArray[np.intp], dispersion: float, confidence: float) -> NDArray[np.float64]:
    """Bound the expected number of episodes, ``seen`` being worth ``seen / dispersion`` Poisson events (Garwood 1936)."""
    return np.asarray(dispersion * stats.chi2.ppf(confidence, 2 * (seen / dispersion + 1)) / 2)


def _lower(seen: int, dispersion: float, confidence: float) -> float:
    return float(dispersion * stats.chi2.ppf(1 - confidence, 2 * seen / dispersion) / 2) if seen else 0.0
