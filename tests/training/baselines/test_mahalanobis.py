"""Robust location and covariance: what odd rows cannot do, and what is done where the determinant does not apply."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.baselines.mahalanobis import (
    MOST_FEATURES,
    fit_mahalanobis,
    gaussian_ranks,
    minimum_covariance_determinant,
)
from training.certify import torch_reference

COVARIANCE = np.array([[1.0, 0.8, 0.0], [0.8, 1.0, 0.3], [0.0, 0.3, 1.0]])


def rows(count: int, seed: int = 0) -> NDArray[np.float64]:
    return np.asarray(np.random.default_rng(seed).multivariate_normal(np.zeros(3), COVARIANCE, count))


def contaminated(count: int) -> NDArray[np.float64]:
    """Let every tenth row lie far away, all in one place."""
    x = rows(count)
    x[::10] = [8.0, -8.0, 8.0]
    return x


def correlation(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(spread, spread))


def test_a_tenth_of_odd_rows_moves_the_determinants_estimate_hardly() -> None:
    found = minimum_covariance_determinant(contaminated(1500), 0)
    assert found is not None
    np.testing.assert_allclose(found[0], 0, atol=0.15)
    np.testing.assert_allclose(correlation(found[1]), COVARIANCE, atol=0.1)
    assert np.abs(np.cov(contaminated(1500).T) - COVARIANCE).max() > 3


def test_gaussian_ranks_find_correlations_and_withstand_odd_rows_better_than_moments() -> None:
    centre, covariance = gaussian_ranks(rows(1000), rows(500, 1))
    np.testing.assert_allclose(correlation(covariance), COVARIANCE, atol=0.08)
    centre, covariance = gaussian_ranks(contaminated(1000), contaminated(500))
    np.testing.assert_allclose(centre, 0, atol=0.3)
    assert np.abs(covariance - COVARIANCE).max() < 1
    assert np.abs(np.cov(contaminated(1500).T) - COVARIANCE).max() > 3


def test_contaminated_training_rows_are_still_scored_as_odd() -> None:
    graphs = fit_mahalanobis(contaminated(1000), contaminated(500), 0)
    x = contaminated(400)
    score = torch_reference(graphs, x).score
    odd = np.arange(400) % 10 == 0
    assert score[odd].min() > 3 * score[~odd].max()


@pytest.mark.parametrize(
    "x",
    [
        np.random.default_rng(0).normal(size=(400, MOST_FEATURES + 1)),
        np.random.default_rng(0).normal(size=(40, 20)),
        np.vstack([rows(100), np.zeros((200, 3))]),
        np.column_stack([rows(300), np.zeros(300)]),
    ],
    ids=["many features", "few rows", "most rows the same", "one value"],
)
def test_where_the_determinant_does_not_apply_the_ranks_do(x: NDArray[np.float64]) -> None:
    assert minimum_covariance_determinant(x, 0) is None
    third = len(x) // 3
    assert np.isfinite(torch_reference(fit_mahalanobis(x[third:], x[:third], 0), x).score).all()
