"""The effective number of calibration samples against processes whose answer is known."""

from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from training.calibrate import calibrate
from training.dependence import effective_confidence, effective_count


def autoregressive(count: int, correlation: float, seed: int = 0) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=count)
    for i in range(1, count):
        values[i] = correlation * values[i - 1] + np.sqrt(1 - correlation**2) * values[i]
    return values


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


def test_the_confidence_falls_with_the_effective_number_of_samples() -> None:
    threshold_of = partial(calibrate, target_fpr=0.01, rule="tolerance", confidence=0.95)
    independent, dependent = autoregressive(5000, 0.0), autoregressive(5000, 0.9)
    sure = effective_confidence(independent, threshold_of(independent))
    unsure = effective_confidence(dependent, threshold_of(dependent))
    assert sure == pytest.approx(0.95, abs=0.02)
    assert 0.3 < unsure < 0.85
