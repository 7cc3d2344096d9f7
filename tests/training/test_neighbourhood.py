"""Which clean rows are kept, and what makes their parts comparable."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model.detector_graphs import vae_graphs
from model.neighbourhood import Neighbourhood, NeighbourhoodGraph, compressed
from model.raw_scorer import RawScorer
from model.vae import VAE
from training.export import export_graphs
from training.metric import fit_metric
from training.neighbourhood import FEWEST_ROWS, MOST_ROWS, MULTIPLICATIONS, fit_neighbourhood
from training.standardise import fit_standardiser


def fitted(rows: NDArray[np.float64], residuals: NDArray[np.float64], seed: int = 0) -> Neighbourhood:
    cut = len(rows) * 4 // 5
    readings, whitened = (
        [torch.from_numpy(part) for part in (values[:cut], values[cut:])] for values in (rows, residuals)
    )
    return fit_neighbourhood(readings, whitened, seed)


def drawn(count: int, features: int, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, features)), rng.normal(size=(count, features))


def test_few_rows_are_all_kept() -> None:
    assert len(fitted(*drawn(300, 4)).places) == 300


def test_more_rows_are_kept_of_few_features_than_of_many_within_bounds() -> None:
    assert len(fitted(*drawn(11_000, 2)).places) == MOST_ROWS
    assert len(fitted(*drawn(5000, 40)).places) == MULTIPLICATIONS // 80
    assert len(fitted(*drawn(2500, 200)).places) == FEWEST_ROWS


def test_neither_readings_nor_residuals_drown_the_other() -> None:
    rows, residuals = drawn(2000, 4)
    plain, magnified = fitted(rows, residuals), fitted(rows, 1000 * residuals)
    torch.testing.assert_close(plain.places, magnified.places)


def test_a_clean_row_among_few_reaches_further_than_one_among_many() -> None:
    rows, residuals = drawn(1000, 2)
    rows[:900], residuals[:900] = 0.1 * rows[:900], 0.1 * residuals[:900]
    rows[900:] += 3
    reach = fitted(rows, residuals).reach.numpy()
    assert np.median(reach[900:]) > 1.2 * np.median(reach[:900])


def test_the_same_seed_keeps_the_same_rows() -> None:
    again, other = (fitted(*drawn(11_000, 2), seed=seed).places for seed in (0, 1))
    assert torch.equal(fitted(*drawn(11_000, 2), seed=0).places, again)
    assert not torch.equal(again, other)


def test_rows_that_all_repeat_one_leave_everything_finite() -> None:
    rows, residuals = np.tile([1.0, 2.0], (200, 1)), np.zeros((200, 2))
    neighbourhood = fitted(rows, residuals)
    assert torch.isfinite(neighbourhood.places).all()
    assert (neighbourhood.reach > 0).all()


def test_a_row_far_from_clean_ones_scores_higher_than_every_clean_row() -> None:
    rows, residuals = drawn(1000, 3)
    neighbourhood = fitted(rows, residuals)
    graph = NeighbourhoodGraph(neighbourhood)

    def place(readings: NDArray[np.float64], residual: NDArray[np.float64]) -> torch.Tensor:
        compact = compressed(torch.from_numpy(readings)) * neighbourhood.reading_scale
        return torch.cat([compact, torch.from_numpy(residual) * neighbourhood.residual_scale], dim=1)

    clean, _ = graph(place(rows, residuals))
    strange, _ = graph(place(np.full((1, 3), 9.0), residuals[:1]))
    odd, _ = graph(place(rows[:1], np.full((1, 3), 9.0)))
    assert float(strange) > float(clean.max())
    assert float(odd) > float(clean.max())


@pytest.mark.parametrize("features", [1, 3, 5])
def test_the_exported_score_is_the_same_to_the_bit_in_every_batch(features: int) -> None:
    rows, _ = drawn(600, features)
    vae = VAE(features, 1, (4,), "per_feature")
    standardiser = fit_standardiser(rows, [f"P{index}" for index in range(features)])
    metric = fit_metric(vae, standardiser, rows[:500], rows[500:], "neighbourhood", seed=0)
    raw = RawScorer(export_graphs(vae_graphs(vae, standardiser, metric)).scorer)
    together = raw.scores(rows)
    for batch in (1, 2, 7):
        parts = [raw.scores(rows[start : start + batch]) for start in range(0, len(rows), batch)]
        np.testing.assert_array_equal(np.concatenate(parts), together)
