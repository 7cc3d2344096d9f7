"""The effective number of calibration samples against processes whose answer is known."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from model.errors import CalibrationError
from tests.training.autoregressive import autoregressive, in_bouts
from training.calibrate import calibrate
from training.dependence import effective_count


def test_independent_scores_count_almost_in_full() -> None:
    assert effective_count(autoregressive(4000, 0.0)) > 3600


@pytest.mark.parametrize("correlation", [0.5, 0.9])
def test_an_autoregressive_process_counts_as_theory_says(correlation: float) -> None:
    # The inflation of a Gaussian AR(1) mean is (1 + r) / (1 - r); ranks correlate by 6 / pi * asin(r^k / 2).
    lags = np.arange(1, 400)
    inflation = 1 + 2 * (6 / np.pi * np.arcsin(correlation**lags / 2)).sum()
    assert effective_count(autoregressive(20_000, correlation)) == pytest.approx(20_000 / inflation, rel=0.2)


def test_a_drift_leaves_few_samples() -> None:
    assert effective_count(np.linspace(0, 1, 1000)) < 10


def test_one_extreme_score_changes_nothing() -> None:
    scores = autoregressive(1000, 0.5)
    scores[500] = scores.max() + 1
    extreme = scores.copy()
    extreme[500] = 1e30
    assert effective_count(extreme) == effective_count(scores)


@pytest.mark.parametrize("scores", [np.ones(500), np.arange(5.0)])
def test_scores_that_say_nothing_about_dependence_count_in_full(
    scores: NDArray[np.float64],
) -> None:
    assert effective_count(scores) == scores.size


def test_alternating_scores_never_count_more_than_there_are() -> None:
    assert effective_count(np.resize([0.0, 1.0], 1000)) == 1000


def test_groups_that_take_turns_are_put_together_before_neighbours_are_compared() -> None:
    runs = np.vstack([autoregressive(500, 0.95, seed) for seed in range(10)])
    names = np.tile([f"asset {number}" for number in range(10)], 500)
    taking_turns = runs.T.ravel()
    assert effective_count(taking_turns, names) == effective_count(runs.ravel())


def test_independent_scores_are_seldom_taken_for_dependent() -> None:
    counts = [effective_count(np.random.default_rng(seed).exponential(size=400)) for seed in range(100)]
    assert sum(count < 400 for count in counts) <= 5


def test_alarms_that_come_in_bouts_count_as_bouts_though_most_scores_are_independent() -> None:
    assert effective_count(in_bouts(10_000)) < 600


def kept(law: Callable[[int], NDArray[np.float64]], tail: Callable[[float], float], trials: int) -> tuple[int, int]:
    """Count how many of ``trials`` thresholds promised 1 %, and how many of those kept it."""
    promised = held = 0
    for seed in range(trials):
        scores = law(seed)
        try:
            threshold = calibrate(scores, 0.01, "tolerance", 0.95, effective=effective_count(scores))
        except CalibrationError:
            continue
        promised += 1
        held += tail(threshold.value) <= 0.01
    return promised, held


@pytest.mark.parametrize(("correlation", "count"), [(0.0, 400), (0.5, 2000), (0.9, 12_000)])
def test_the_promise_is_kept_on_an_autoregressive_process(correlation: float, count: int) -> None:
    promised, held = kept(lambda seed: autoregressive(count, correlation, seed), lambda x: float(stats.norm.sf(x)), 100)
    assert promised >= 90
    assert held >= 0.92 * promised


def test_the_promise_is_kept_where_alarms_come_in_bouts() -> None:
    promised, held = kept(
        lambda seed: in_bouts(20_000, seed),
        lambda x: 0.97 * float(stats.norm.sf(x)) + 0.03 * float(stats.norm.sf(x - 4)),
        40,
    )
    assert promised >= 20
    assert held >= 0.9 * promised
