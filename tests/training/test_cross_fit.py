"""Out-of-fold scores of a process whose readings follow one hidden cause, by tiny networks."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.errors import InputError
from model.features import Feature, FeatureSpec
from training.config import TrainingConfig
from training.config_file import load_config
from training.cross_fit import OutOfFold, cross_fit

SPEC = FeatureSpec(features=tuple(Feature(name=name) for name in "abcd"))
CONFIG = load_config(None, {"vae.hidden": (16,), "vae.latent_size": 1, "fit.steps": 1500})
PLANTED = 450


def rows(seed: int = 0) -> NDArray[np.float64]:
    """Draw [600, 4] rows around 1000; one of them has its third reading off."""
    rng = np.random.default_rng(seed)
    values: NDArray[np.float64] = (
        1000 + rng.normal(size=(600, 1)) @ np.array([[1.0, -2.0, 3.0, 0.5]]) + 0.1 * rng.normal(size=(600, 4))
    )
    values[PLANTED, 2] += 30
    return values


def fitted(values: NDArray[np.float64], config: TrainingConfig = CONFIG) -> tuple[OutOfFold, list[tuple[int, int]]]:
    told: list[tuple[int, int]] = []
    return cross_fit(values, None, SPEC, config, 3, lambda done, folds: told.append((done, folds))), told


@pytest.fixture(scope="module")
def out_of_fold() -> OutOfFold:
    return fitted(rows())[0]


def test_every_row_gets_a_score_and_contributions_from_its_fold(out_of_fold: OutOfFold) -> None:
    assert out_of_fold.score.shape == (600,)
    assert out_of_fold.contribution.shape == (600, 4)
    np.testing.assert_array_equal(out_of_fold.fold, np.repeat([0, 1, 2], 200))
    assert np.isfinite(out_of_fold.score).all()
    assert np.isfinite(out_of_fold.contribution).all()


def test_scores_of_different_folds_stand_on_one_scale(out_of_fold: OutOfFold) -> None:
    medians = [np.median(out_of_fold.score[out_of_fold.fold == fold]) for fold in range(3)]
    assert max(medians) < 1.4 * min(medians)
    assert 0.7 < np.median(out_of_fold.score) < 1.6


def test_a_planted_row_does_not_excuse_itself_and_is_given_away_by_its_feature(out_of_fold: OutOfFold) -> None:
    assert out_of_fold.score.argmax() == PLANTED
    assert out_of_fold.contribution[PLANTED].argmax() == 2


def test_a_row_s_score_does_not_depend_on_what_the_row_holds_apart_from_itself() -> None:
    # Its own fold's detector never saw it: another value there changes no other score of the fold.
    short = load_config(None, {"vae.hidden": (8,), "vae.latent_size": 1, "fit.steps": 60})
    values = rows()
    first, told = fitted(values, short)
    values[PLANTED] += 5
    second, _ = fitted(values, short)
    others = (first.fold == first.fold[PLANTED]) & (np.arange(600) != PLANTED)
    np.testing.assert_array_equal(first.score[others], second.score[others])
    assert first.score[PLANTED] != second.score[PLANTED]
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_reading_that_moves_in_one_row_only_gives_that_row_away() -> None:
    short = load_config(None, {"vae.hidden": (8,), "vae.latent_size": 1, "fit.steps": 60})
    values = rows()
    values[:, 3] = 7
    values[10, 3] = 8
    seen, _ = fitted(values, short)
    assert set(np.argsort(-seen.score)[:2].tolist()) == {10, PLANTED}
    assert seen.contribution[10].argmax() == 3
    assert seen.expected[10, 3] == 7
    assert np.isfinite(seen.score).all()


def test_what_is_expected_is_in_engineering_units(out_of_fold: OutOfFold) -> None:
    clean = np.arange(600) != PLANTED
    off = np.abs(out_of_fold.expected - rows())
    assert np.median(off[clean]) < 0.5
    assert off[PLANTED, 2] > 5


@pytest.mark.parametrize(("factor", "offset"), [(1e-300, 0), (1, 1e14)])
def test_readings_that_floating_point_cannot_tell_apart_are_refused(factor: float, offset: float) -> None:
    with pytest.raises(InputError, match="no feature changes in the .* training rows of a fold by more than floating"):
        fitted(rows() * factor + offset)
