"""The Gaussian scorer against its definition: distance, conditional mean, and what one reading put right takes away."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model.gaussian_scorer import GaussianScorerGraph

FEATURES = 4
LOCATION, SCALE = np.array([8.0, -120.0, 1e6, 0.0]), np.array([0.5, 6.0, 0.01, 1.0])


def drawn() -> tuple[GaussianScorerGraph, NDArray[np.float64]]:
    """Return a scorer and the covariance, in engineering units, that it stands for."""
    whitening = np.eye(FEATURES) + 0.4 * np.random.default_rng(0).normal(size=(FEATURES, FEATURES))
    covariance = np.asarray(np.linalg.inv(whitening @ whitening.T) * np.outer(SCALE, SCALE), dtype=np.float64)
    location, scale = torch.from_numpy(LOCATION), torch.from_numpy(SCALE)
    return GaussianScorerGraph(location, scale, torch.from_numpy(whitening)), covariance


def rows(count: int = 30) -> NDArray[np.float64]:
    return np.asarray(LOCATION + SCALE * np.random.default_rng(1).normal(size=(count, FEATURES)))


def answered(graph: GaussianScorerGraph, x: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    with torch.no_grad():
        return [values.numpy() for values in graph(torch.from_numpy(x))]


def test_the_score_is_the_squared_mahalanobis_distance() -> None:
    graph, covariance = drawn()
    deviation = rows() - LOCATION
    expected = np.einsum("bi,bi->b", deviation, np.linalg.solve(covariance, deviation.T).T)
    np.testing.assert_allclose(answered(graph, rows())[0], expected, rtol=1e-6)


def test_a_reading_is_expected_to_be_its_mean_given_all_the_others() -> None:
    graph, covariance = drawn()
    _, reconstruction, _ = answered(graph, rows())
    for feature in range(FEATURES):
        others = np.delete(np.arange(FEATURES), feature)
        gain = covariance[feature, others] @ np.linalg.inv(covariance[np.ix_(others, others)])
        expected = LOCATION[feature] + (rows() - LOCATION)[:, others] @ gain
        np.testing.assert_allclose(reconstruction[:, feature], expected, rtol=1e-9, atol=1e-6 * SCALE[feature])


@pytest.mark.parametrize("feature", range(FEATURES))
def test_a_contribution_is_what_the_score_loses_with_that_reading_as_expected(feature: int) -> None:
    graph, _ = drawn()
    x = rows()
    score, reconstruction, contribution = answered(graph, x)
    x[:, feature] = reconstruction[:, feature]
    np.testing.assert_allclose(contribution[:, feature], score - answered(graph, x)[0], rtol=1e-5, atol=1e-6)
