"""New clean scores against old: chance is left alone, a change is told, and repetition in time is no evidence."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from model.threshold import Threshold
from training.calibrate import calibrate
from training.recalibration.score_shift import ScoreShift, score_shift

Array = NDArray[np.float64]


def scores(count: int, seed: int, scale: float = 1.0) -> Array:
    return scale * np.random.default_rng(seed).exponential(size=count)


OLD = scores(2000, 0)
THRESHOLD: Threshold = calibrate(OLD, 0.01, "tolerance", 0.95)


def compared(new: Array, effective: int | None = None) -> ScoreShift:
    return score_shift(OLD, OLD.size, new, effective or new.size, THRESHOLD)


def test_the_test_is_that_of_kolmogorov_and_smirnov_where_samples_are_independent() -> None:
    new = scores(500, 1, 1.1)
    found, expected = compared(new), stats.ks_2samp(OLD, new, method="asymp")
    assert found.distance == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue, abs=0.02)


def test_the_rates_interval_is_the_binomial_one_where_samples_are_independent() -> None:
    new = scores(500, 2, 1.5)
    found, above = compared(new), int((scores(500, 2, 1.5) > THRESHOLD.value).sum())
    interval = stats.binomtest(above, 500).proportion_ci(0.95, method="exact")
    assert found.old_rate == above / 500
    assert found.old_rate_interval == pytest.approx((interval.low, interval.high))


def test_scores_of_the_same_process_are_warned_of_no_more_often_than_chance_allows() -> None:
    warned = [compared(scores(400, seed)).warning is not None for seed in range(3, 203)]
    assert sum(warned) <= 8  # 1 % by distance, 2.5 % by rate, of a threshold that promises more than it needs


def test_risen_scores_are_told_as_a_change_that_a_new_threshold_would_hide() -> None:
    found = compared(scores(800, 1, 1.6))
    assert found.risen
    assert found.warning is not None
    assert "hides a change of the process" in found.warning


def test_a_changed_tail_is_told_even_where_most_scores_stay_as_they_were() -> None:
    new = scores(1000, 4)
    new[:40] += 10
    found = compared(new)
    assert not found.unlike
    assert found.promise_broken
    assert found.warning is not None


def test_fallen_scores_are_told_as_clean_data_that_may_not_cover_every_state() -> None:
    found = compared(scores(800, 1, 0.5))
    assert not found.risen
    assert found.warning is not None
    assert "no row of the training data" in found.warning


def test_a_certain_but_slight_difference_is_no_reason_to_warn() -> None:
    found = score_shift(OLD, 10**6, scores(2000, 1, 0.95), 10**6, THRESHOLD)
    assert found.p_value < 0.01
    assert found.warning is None


def test_rows_that_repeat_each_other_are_weak_evidence() -> None:
    new = scores(20, 7, 1.4)
    assert compared(np.repeat(new, 50)).warning is not None
    assert compared(np.repeat(new, 50), effective=20).warning is None


def test_no_row_and_every_row_above_the_old_threshold_have_intervals_too() -> None:
    none, every = compared(np.zeros(100)), compared(np.full(100, 1e6))
    assert none.old_rate_interval[0] == 0
    assert every.old_rate_interval[1] == 1
    assert 0.9 < every.old_rate_interval[0] < 1
