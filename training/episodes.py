"""Episodes of false alarms, counted on clean scores, and the threshold that keeps them within a budget.

High above the bulk, a stationary series exceeds a level in clusters, and the clusters come as a Poisson process: the
rate of samples is the rate of clusters times their mean length, whose inverse is the extremal index (Leadbetter 1983;
Ferro and Segers 2003). Clusters that themselves keep company are counted for what they are worth, by their dispersion.
"""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from model.alarm_budget import SECONDS, AlarmBudget
from model.errors import CalibrationError
from training.alarm_budget import AskedBudget, duration
from training.dependence import TAIL_MINIMUM, TAILS, inflation

MOST_ABOVE = 0.1  # share of the scores; with more of them above, alarms would be the rule and their episodes few


@dataclass(frozen=True)
class Kept:
    """The lowest score at which the ``budget`` is kept, a threshold, and what is expected above it."""

    value: float
    budget: AlarmBudget


def keep_budget(
    scores: NDArray[np.float64], groups: NDArray[np.str_] | None, asked: AskedBudget, confidence: float
) -> Kept:
    """Find the threshold for clean ``scores`` [n] in time order, of ``groups`` [n]; no episode spans two groups.

    Coming down from the largest score, the upper confidence limit on the number of episodes is held against the budget;
    the first breach ends it. The threshold lies below the level t at which the true rate is the budget only if the
    limit was kept at t, by a count that chance makes so low with a probability of at most 1 - confidence.

    Raises:
        CalibrationError: too short a time for the budget; says how long it takes.
    """
    n = scores.size
    order = np.arange(n) if groups is None else np.argsort(groups, kind="stable")
    ordered, place = scores[order], _places(n, None if groups is None else groups[order], asked.gap)
    dispersion = _dispersion(ordered, place, asked.gap)
    require_time(n, asked, confidence, dispersion)
    allowed = asked.per_sample * n
    counts = np.arange(min(int(allowed), n) + 1)
    most = int(np.searchsorted(_upper(counts, dispersion, confidence), allowed, side="right")) - 1

    ranked = np.argsort(-ordered, kind="stable")
    value, above, seen = float(ordered[ranked[0]]), 0, 0
    places: list[int] = []
    episodes = 0
    for rank, row in enumerate(ranked[: int(MOST_ABOVE * n) + 1]):
        if ordered[row] < value:  # all scores above this one have been counted
            if episodes > most:
                break
            value, above, seen = float(ordered[row]), rank, episodes
        episodes += _insert(places, int(place[row]), asked.gap)
    per_period = SECONDS[asked.period] / asked.interval / n
    return Kept(
        value,
        AlarmBudget(
            episodes=asked.episodes,
            period=asked.period,
            sampling_interval=asked.interval,
            gap=asked.gap,
            confidence=confidence,
            seen=seen,
            seconds=n * asked.interval,
            expected=seen * per_period,
            expected_low=_lower(seen, dispersion, confidence) * per_period,
            expected_high=min(float(_upper(np.array(seen), dispersion, confidence)) * per_period, asked.episodes),
            mean_length=above / seen if seen else None,
            dispersion=dispersion,
        ),
    )


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


def _places(n: int, groups: NDArray[np.str_] | None, gap: int) -> NDArray[np.intp]:
    """Number the samples, with a step between groups that no episode crosses."""
    place = np.arange(n)
    if groups is not None:
        place[1:] += gap * np.cumsum(groups[1:] != groups[:-1])
    return place


def _dispersion(ordered: NDArray[np.float64], place: NDArray[np.intp], gap: int) -> float:
    """Give the variance over the mean of how many episodes start in a long stretch, at levels with enough of them."""
    found = [1.0]
    for tail in TAILS:
        rows = np.flatnonzero(ordered > np.quantile(ordered, 1 - tail))
        starts = np.zeros(ordered.size)
        starts[rows[np.diff(place[rows], prepend=-gap - 1) > gap]] = 1.0
        if starts.sum() >= TAIL_MINIMUM:
            found.append(inflation(starts))
    return max(found)


def _insert(places: list[int], place: int, gap: int) -> int:
    """Add an alarm to those at ``places``, ascending; return how many episodes that makes more (fewer where it joins two)."""
    index = bisect_left(places, place)
    left = place - places[index - 1] if index else gap + 1
    right = places[index] - place if index < len(places) else gap + 1
    places.insert(index, place)
    if left + right <= gap:  # amid an episode
        return 0
    return 1 - (left <= gap) - (right <= gap)


def _upper(seen: NDArray[np.intp], dispersion: float, confidence: float) -> NDArray[np.float64]:
    """Bound the expected number of episodes, ``seen`` being worth ``seen / dispersion`` Poisson events (Garwood 1936)."""
    return np.asarray(dispersion * stats.chi2.ppf(confidence, 2 * (seen / dispersion + 1)) / 2)


def _lower(seen: int, dispersion: float, confidence: float) -> float:
    return float(dispersion * stats.chi2.ppf(1 - confidence, 2 * seen / dispersion) / 2) if seen else 0.0
