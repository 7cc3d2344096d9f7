"""Thresholds set by an alarm budget, against processes whose episodes can be counted at leisure."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.errors import CalibrationError
from model.verification.check import Outcome
from model.verification.promise_check import check_threshold
from tests.training.autoregressive import autoregressive, in_bouts
from training.alarm_budget import AskedBudget
from training.alarm_config import AlarmConfig
from training.annunciations import EVERY_ANOMALY, Series, clear_threshold
from training.calibrate import threshold_at
from training.dependence import effective_count
from training.episodes import keep_budget, needed_samples


def asked(episodes: float, samples: int) -> AskedBudget:
    """Allow ``episodes`` in so many ``samples``."""
    return AskedBudget(episodes, "day", 86_400 / samples)


def count_episodes(scores: NDArray[np.float64], threshold: float, gap: int = 1) -> int:
    alarms = np.flatnonzero(scores > threshold).tolist()
    return bool(alarms) + sum(later - earlier > gap for earlier, later in pairwise(alarms))


@pytest.mark.parametrize(("correlation", "count", "allowed"), [(0.0, 2000, 10), (0.5, 2000, 10), (0.9, 4000, 25)])
def test_the_budget_is_kept_on_fresh_data(correlation: float, count: int, allowed: int) -> None:
    fresh = autoregressive(200_000, correlation, seed=999)
    sets = (autoregressive(count, correlation, seed) for seed in range(150))
    lines = np.array([keep_budget(Series(scores), asked(allowed, count), EVERY_ANOMALY, 0.95).value for scores in sets])
    starts = np.array([((fresh[1:] > line) & (fresh[:-1] <= line)).sum() for line in lines])
    rates = starts * count / fresh.size
    assert (rates <= allowed).mean() >= 0.93
    assert rates.mean() > 0.3 * allowed  # nor is it kept by never raising an alarm


DEBOUNCED = AlarmConfig(k=3, n=5, on_delay=2, off_delay=10, hysteresis=2.0)


@pytest.mark.parametrize(("correlation", "count", "allowed"), [(0.5, 2000, 6), (0.9, 4000, 15)])
def test_the_budget_is_kept_for_what_the_operator_sees_after_debouncing(
    correlation: float, count: int, allowed: int
) -> None:
    fresh = autoregressive(200_000, correlation, seed=999)
    rates, shares = [], []
    for seed in range(100):
        calibration = autoregressive(count, correlation, seed)
        line = keep_budget(Series(calibration), asked(allowed, count), DEBOUNCED, 0.95).value
        clear = clear_threshold(line, calibration, DEBOUNCED.hysteresis)
        rates.append(len(Series(fresh).alarms(line, clear, DEBOUNCED)) * count / fresh.size)
        shares.append((fresh > line).mean())
    assert (np.array(rates) <= allowed).mean() >= 0.93
    assert np.mean(rates) > 0.3 * allowed
    undebounced = [
        keep_budget(Series(autoregressive(count, correlation, seed)), asked(allowed, count), EVERY_ANOMALY, 0.95).value
        for seed in range(10)
    ]
    # The budget that flicker does not use up is spent on faults: the threshold is lower.
    assert np.mean(shares) > 2 * np.mean([(fresh > line).mean() for line in undebounced])


def test_alarms_that_come_in_bouts_take_more_time_than_those_that_do_not() -> None:
    budget = asked(6, 20_000)
    keep_budget(Series(autoregressive(20_000, 0.0)), budget, EVERY_ANOMALY, 0.95)
    with pytest.raises(CalibrationError, match=r"samples\), as alarms of these rows come in bouts of"):
        keep_budget(Series(in_bouts(20_000)), budget, EVERY_ANOMALY, 0.95)


def test_too_short_a_time_is_refused_with_the_time_it_takes() -> None:
    two_a_month = AskedBudget(2, "month", 60.0)
    with pytest.raises(
        CalibrationError,
        match=r"2 per month with 95% confidence takes 6\.51 weeks of clean calibration data \(65,657 samples\), "
        r"found 13\.9 days \(20,000 samples\)",
    ):
        keep_budget(Series(autoregressive(20_000, 0.0)), two_a_month, EVERY_ANOMALY, 0.95)
    assert needed_samples(two_a_month, 0.95) == np.ceil(-np.log(0.05) / 2 * 30.44 * 1440)


def test_without_an_episode_the_largest_score_is_the_threshold() -> None:
    scores = autoregressive(1000, 0.0)
    kept = keep_budget(Series(scores), asked(3.5, 1000), EVERY_ANOMALY, 0.95)
    assert (kept.value, kept.budget.seen, kept.budget.mean_length) == (scores.max(), 0, None)
    assert kept.budget.expected_high == pytest.approx(-np.log(0.05))


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 12), min_size=20, max_size=200), st.integers(1, 4), st.floats(3.2, 60.0), st.integers(1, 4)
)
def test_what_is_told_is_what_can_be_counted(levels: list[int], gap: int, allowed: float, groups: int) -> None:
    scores = np.array(levels, dtype=np.float64)
    names = np.sort(np.resize([f"asset {number}" for number in range(groups)], scores.size))
    kept = keep_budget(
        Series.of(scores, names), asked(allowed, scores.size), AlarmConfig(off_delay=gap, hysteresis=1.0), 0.95
    )
    runs = [scores[names == name] for name in np.unique(names)]
    assert kept.value in scores
    assert kept.budget.seen == sum(count_episodes(run, kept.value, gap) for run in runs)
    assert kept.budget.expected == pytest.approx(kept.budget.seen)
    assert kept.budget.expected_high <= allowed


def test_an_episode_never_spans_two_assets_that_take_turns() -> None:
    scores = np.zeros(2000)
    scores[1000:1004] = np.arange(4) + 1.0
    names = np.tile(["a", "b"], 1000)
    alone, apart = (
        keep_budget(Series.of(scores, of), asked(30, 2000), EVERY_ANOMALY, 0.95).budget for of in (None, names)
    )
    assert (alone.seen, apart.seen) == (1, 2)


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_the_rate_that_goes_with_the_budget_follows_from_the_calibration_scores(correlation: float) -> None:
    scores = autoregressive(8000, correlation) + 10
    kept = keep_budget(Series(scores), asked(30, 8000), EVERY_ANOMALY, 0.95)
    threshold = threshold_at(kept.value, scores, 0.95, effective=effective_count(scores), method="held_out")
    assert (scores > threshold.value).mean() <= threshold.target_fpr
    assert check_threshold("threshold", threshold, np.sort(scores)).outcome == Outcome.PASSED
