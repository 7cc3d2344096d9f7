"""The neighbourhood graph against NumPy and SciPy."""

import numpy as np
import torch
from scipy.spatial.distance import cdist

from model.neighbourhood import (
    LEAST_WEIGHT,
    NEIGHBOURS,
    SMALLEST_DISTANCE,
    Neighbourhood,
    NeighbourhoodGraph,
    compressed,
)


def drawn(count: int, size: int = 6, seed: int = 0) -> Neighbourhood:
    rng = np.random.default_rng(seed)
    return Neighbourhood(
        reading_scale=torch.ones(3).double(),
        residual_scale=torch.tensor(1.0).double(),
        places=torch.from_numpy(rng.normal(size=(count, size))),
        reach=torch.from_numpy(rng.uniform(0.5, 2, size=count)),
    )


def points(count: int, seed: int = 1) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(count, 6)))


def test_the_score_is_the_mean_distance_to_the_nearest_rows_in_units_of_their_reach() -> None:
    neighbourhood, place = drawn(200), points(50)
    distance = np.sqrt(cdist(place, neighbourhood.places) ** 2 + SMALLEST_DISTANCE**2)
    scaled = np.sort(distance / neighbourhood.reach.numpy(), axis=1)
    score, _ = NeighbourhoodGraph(neighbourhood)(place)
    np.testing.assert_allclose(score, scaled[:, :NEIGHBOURS].mean(axis=1), rtol=1e-9)


def test_the_usual_place_is_the_mean_of_the_nearest_rows_each_by_how_much_nearer_it_is_than_the_next() -> None:
    neighbourhood, place = drawn(200), points(50)
    distance = np.sqrt(cdist(place, neighbourhood.places) ** 2 + SMALLEST_DISTANCE**2) / neighbourhood.reach.numpy()
    nearest = np.argsort(distance, axis=1)[:, : NEIGHBOURS + 1]
    sorted_distance = np.take_along_axis(distance, nearest, axis=1)
    weight = 1 - sorted_distance[:, :-1] / sorted_distance[:, -1:] + LEAST_WEIGHT
    expected = np.einsum("bk,bkd->bd", weight, neighbourhood.places.numpy()[nearest[:, :-1]])
    _, usual = NeighbourhoodGraph(neighbourhood)(place)
    np.testing.assert_allclose(usual, expected / weight.sum(axis=1, keepdims=True), rtol=1e-8)


def test_score_and_usual_place_change_little_where_another_row_comes_among_the_nearest() -> None:
    neighbourhood = drawn(200)
    ends = points(2)
    way = torch.linspace(0, 1, 100_001).double()[:, None]
    score, usual = NeighbourhoodGraph(neighbourhood)((1 - way) * ends[:1] + way * ends[1:])
    assert float(score.diff().abs().max()) < 1e-3
    assert float(usual.diff(dim=0).abs().max()) < 1e-2


def test_fewer_rows_than_neighbours_are_all_compared_with() -> None:
    neighbourhood, place = drawn(2), points(10)
    distance = np.sqrt(cdist(place, neighbourhood.places) ** 2 + SMALLEST_DISTANCE**2) / neighbourhood.reach.numpy()
    np.testing.assert_allclose(NeighbourhoodGraph(neighbourhood)(place)[0], distance.mean(axis=1), rtol=1e-9)


def test_a_sample_that_lies_on_clean_rows_scores_little_and_not_nothing() -> None:
    neighbourhood = drawn(NEIGHBOURS)
    repeated = Neighbourhood(
        neighbourhood.reading_scale,
        neighbourhood.residual_scale,
        neighbourhood.places[:1].repeat(NEIGHBOURS, 1),
        torch.ones(NEIGHBOURS).double(),
    )
    score, _ = NeighbourhoodGraph(repeated)(repeated.places[:1])
    np.testing.assert_allclose(score, SMALLEST_DISTANCE)


def test_readings_are_compressed_by_the_inverse_hyperbolic_sine() -> None:
    values = torch.tensor([-1e12, -30.0, -1.0, -1e-9, 0.0, 1e-9, 0.3, 5.0, 1e12]).double()
    torch.testing.assert_close(compressed(values[:, None]), torch.asinh(values[:, None]), rtol=1e-6, atol=1e-15)
