"""The neighbours' graph against scikit-learn's search, and where rows tie."""

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from model.nearest_neighbours import NeighboursScorerGraph

LOCATION, SCALE = np.array([8.0, -120.0, 0.0]), np.array([0.5, 6.0, 1.0])
COUNT, BOUND = 5, 3.0


def graph_of(sketch: NDArray[np.float64]) -> NeighboursScorerGraph:
    """Search among standardised rows ``sketch`` [S, 3]."""
    bounds = torch.full((3,), BOUND, dtype=torch.float64)
    location, scale = torch.from_numpy(LOCATION), torch.from_numpy(SCALE)
    return NeighboursScorerGraph(location, scale, -bounds, bounds, torch.from_numpy(sketch), COUNT)


def answered(graph: NeighboursScorerGraph, standardised: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    with torch.no_grad():
        return [values.numpy() for values in graph(torch.from_numpy(LOCATION + SCALE * standardised))]


def drawn(count: int, seed: int) -> NDArray[np.float64]:
    return np.clip(np.random.default_rng(seed).normal(size=(count, 3)), -BOUND, BOUND)


def test_the_score_is_the_mean_squared_distance_to_the_nearest_rows_and_the_reconstruction_their_mean() -> None:
    sketch, x = drawn(200, 0), drawn(40, 1)
    score, reconstruction, contribution = answered(graph_of(sketch), x)
    distance, index = NearestNeighbors(n_neighbors=COUNT).fit(sketch).kneighbors(x)
    np.testing.assert_allclose(score, (distance**2).mean(axis=1), rtol=1e-9)
    mean = sketch[index].mean(axis=1)
    np.testing.assert_allclose(reconstruction, LOCATION + SCALE * mean, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(contribution, (x - mean) ** 2, rtol=1e-6, atol=1e-9)
    assert (contribution <= score[:, None] * (1 + 1e-9)).all()


def test_a_row_that_the_sketch_holds_often_enough_scores_exactly_zero() -> None:
    row = drawn(1, 2)
    score, _, contribution = answered(graph_of(np.vstack([drawn(50, 0), np.repeat(row, COUNT, axis=0)])), row)
    np.testing.assert_allclose(score, 0, atol=1e-28)
    np.testing.assert_allclose(contribution, 0, atol=1e-28)


def test_of_rows_equally_far_the_first_are_taken() -> None:
    corners = np.array([[a, b, c] for a in (-1.0, 1.0) for b in (-1.0, 1.0) for c in (-1.0, 1.0)])
    _, reconstruction, _ = answered(graph_of(corners), np.zeros((1, 3)))
    np.testing.assert_allclose(reconstruction[0], LOCATION + SCALE * corners[:COUNT].mean(axis=0), rtol=1e-12)


def test_the_score_keeps_growing_with_a_reading_far_out_of_range_and_stays_finite() -> None:
    x = np.zeros((4, 3))
    x[:, 0] = [10, 1e3, 1e9, 1e100]
    score, reconstruction, contribution = answered(graph_of(drawn(100, 0)), x)
    assert (np.diff(score) > 0).all()
    assert np.isfinite(score).all()
    assert np.isfinite(reconstruction).all()
    np.testing.assert_array_equal(contribution.argmax(axis=1), 0)
