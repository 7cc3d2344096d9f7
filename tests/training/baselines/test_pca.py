"""Probabilistic PCA against scikit-learn, and how many components it keeps."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from training.baselines.pca import choose_components, fit_pca
from training.baselines.units import Units, fit_units
from training.certify import torch_reference


def rows(count: int, seed: int = 0) -> NDArray[np.float64]:
    """Draw rows of eight readings with three causes of different strength and equal noise."""
    rng = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(np.random.default_rng(9).normal(size=(8, 3)))
    return np.asarray(50 + rng.normal(size=(count, 3)) * [5, 3, 2] @ axes.T + 0.3 * rng.normal(size=(count, 8)))


def test_the_score_is_the_mahalanobis_distance_of_the_model_that_scikit_learn_fits() -> None:
    train, validation, x = rows(400), rows(200, 1), rows(50, 2)
    graphs = fit_pca(train, validation)
    every = np.vstack([train, validation])
    units = fit_units(every)
    assert graphs.latent is not None
    model = PCA(graphs.latent.size).fit(units.standardise(every))
    deviation = units.standardise(x)
    expected = np.einsum("bi,bi->b", deviation, np.linalg.solve(model.get_covariance(), deviation.T).T)
    np.testing.assert_allclose(torch_reference(graphs, x).score, expected, rtol=1e-8)


def test_the_latent_is_the_exact_posterior_and_decodes_to_the_scorers_reconstruction() -> None:
    graphs = fit_pca(rows(400), rows(200, 1))
    seen = torch_reference(graphs, rows(5000, 3))
    assert seen.latents is not None
    assert seen.reconstruction is not None
    # Averaged over clean samples, posterior variance and that of the posterior means make up the prior's.
    both = np.exp(seen.latents.log_variance).mean(axis=0) + seen.latents.mean.var(axis=0)
    np.testing.assert_allclose(both, 1, atol=0.15)
    assert np.corrcoef(seen.reconstruction[:, 0], rows(5000, 3)[:, 0])[0, 1] > 0.9


def test_the_components_kept_are_those_that_make_held_out_rows_likeliest() -> None:
    train, validation = rows(300), rows(200, 1)
    likelihood = [PCA(count).fit(train).score(validation) for count in range(1, 8)]
    assert choose_components(Units(np.zeros(8), np.ones(8)), train, validation) == 1 + int(np.argmax(likelihood))


@pytest.mark.parametrize("column", [np.zeros(300), np.arange(300.0) % 2])
def test_columns_that_stand_still_or_repeat_leave_a_finite_score(column: NDArray[np.float64]) -> None:
    x = np.column_stack([rows(300), column, column])
    assert np.isfinite(torch_reference(fit_pca(x[:200], x[200:]), x).score).all()
