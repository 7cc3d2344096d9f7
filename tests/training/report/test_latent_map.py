"""The flat view of the latent space."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.report.latent_map import latent_map

Array = NDArray[np.float64]


def latents(*spreads: float, count: int = 500) -> Array:
    drawn: Array = np.random.default_rng(0).normal(size=(count, len(spreads))) * np.array(spreads)
    return drawn


def test_two_latents_in_use_are_shown_as_they_are_the_busier_first() -> None:
    drawn = latents(0.01, 0.7, 0.02, 1.0)
    view = latent_map(drawn)
    assert view.axes == ("latent 4", "latent 2")
    assert view.active == 2
    np.testing.assert_array_equal(view.points, drawn[:, [3, 1]])


def test_more_latents_are_shown_by_their_principal_components() -> None:
    drawn = latents(1.0, 0.2, 0.9, 0.3)
    view = latent_map(drawn)
    assert view.axes == ("principal component 1", "principal component 2")
    variance = np.linalg.eigvalsh(np.cov(drawn, rowvar=False))[::-1]
    np.testing.assert_allclose(view.points.var(axis=0, ddof=1), variance[:2])
    assert view.shown == pytest.approx(variance[:2].sum() / variance.sum())


def test_the_map_keeps_lengths_so_the_prior_keeps_its_radius() -> None:
    directions = latent_map(latents(1.0, 0.8, 0.6)).directions
    np.testing.assert_allclose(directions.T @ directions, np.eye(2), atol=1e-12)


def test_the_sign_of_a_component_does_not_depend_on_the_solver() -> None:
    directions = latent_map(latents(1.0, 0.8, 0.6)).directions
    assert (directions[np.abs(directions).argmax(axis=0), [0, 1]] > 0).all()


def test_other_samples_land_on_the_same_map() -> None:
    drawn = latents(1.0, 0.8, 0.6)
    view = latent_map(drawn)
    np.testing.assert_allclose(view.project(drawn[:7]), view.points[:7])


def test_a_single_latent_leaves_the_second_axis_free() -> None:
    view = latent_map(latents(1.0))
    assert view.axes == ("latent 1", "")
    assert not view.points[:, 1].any()


def test_latents_that_never_move_are_not_in_use() -> None:
    view = latent_map(np.ones((20, 3)))
    assert view.active == 0
    assert view.shown == 1.0
