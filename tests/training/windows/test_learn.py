"""Learning from windows: which channels wander, what a still one counts as, and a detector that finds what it should."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model.errors import InputError
from model.series.windows import Windows
from training.certify import torch_reference
from training.config import TrainingConfig
from training.config_file import load_config
from training.windows.cross_fit import cross_fit_windows
from training.windows.learn import TrainedWindowDetector, learn_window_detector
from training.windows.units import NormalisedWindows, fit_units
from training.windows.within import windows_within

Array = NDArray[np.float64]
LENGTH, ROWS = 8, 400


def series(seed: int = 0) -> Array:
    """A rig of four channels: two that share a cause, one that drifts, one that stands still."""
    rng = np.random.default_rng(seed)
    cause = rng.normal(size=ROWS)
    drift = np.cumsum(rng.normal(size=ROWS))
    return np.column_stack([cause + 0.2 * rng.normal(size=ROWS), 5 - cause, 80 + drift, np.full(ROWS, 3.0)])


def every(values: Array) -> Windows:
    return Windows(values, np.arange(LENGTH - 1, ROWS), LENGTH)


def parts(values: Array) -> tuple[Windows, Windows]:
    train, validation = (windows_within(every(values), rows) for rows in (np.arange(300), np.arange(300, ROWS)))
    return train, validation


def config(**overrides: object) -> TrainingConfig:
    return load_config(None, {"fit.steps": 150, "fit.batch_size": 32, **overrides})


@pytest.fixture(scope="module")
def learned() -> TrainedWindowDetector:
    return learn_window_detector(*parts(series()), config(), None, lambda _record, _epochs: None)


def scores(detector: TrainedWindowDetector, x: Array) -> Array:
    return torch_reference(detector.graphs, x).score


def test_only_the_channel_that_drifts_wanders() -> None:
    assert fit_units(*parts(series())).wanders.tolist() == [False, False, True, False]


def test_a_channel_that_stands_still_counts_a_hundredth_of_its_level_as_a_spread() -> None:
    assert fit_units(*parts(series())).scale[3].item() == pytest.approx(0.03)


def test_the_network_sees_windows_clipped_to_what_training_windows_reach() -> None:
    train, validation = parts(series())
    units = fit_units(train, validation)
    far = every(series() * 1000)

    seen = NormalisedWindows(far, units)[torch.arange(50)]
    assert (seen <= units.upper + 1e-6).all()
    assert (seen >= units.lower - 1e-6).all()


def test_a_lost_relation_a_step_and_a_still_channel_that_moves_all_score_beyond_clean_windows(
    learned: TrainedWindowDetector,
) -> None:
    clean = parts(series(seed=1))[0][:]
    line = np.quantile(scores(learned, clean), 0.99)
    for channel, shift in ((1, 6.0), (2, 25.0), (3, 1.0)):
        faulty = clean[:50].copy()
        faulty[:, -2:, channel] += shift
        assert np.median(scores(learned, faulty)) > line, f"channel {channel}"


def test_rounding_of_a_still_channel_does_not_raise_the_score(learned: TrainedWindowDetector) -> None:
    clean = parts(series())[1][:]
    rounded = clean.copy()
    rounded[:, :, 3] += 1e-6
    np.testing.assert_allclose(scores(learned, rounded), scores(learned, clean), rtol=0.02)


def test_the_same_seed_gives_the_same_detector() -> None:
    one, other = (
        learn_window_detector(*parts(series()), config(**{"fit.steps": 20}), None, lambda _record, _epochs: None)
        for _ in range(2)
    )
    x = parts(series())[1][:]
    assert np.array_equal(scores(one, x), scores(other, x))


def test_cross_fitting_scores_each_window_within_a_fold_once() -> None:
    told: list[tuple[int, int]] = []
    brief = config(**{"fit.steps": 40, "calibration.folds": 4})
    found = cross_fit_windows(every(series()), None, brief, lambda done, folds: told.append((done, folds)))
    assert found.shape == (4 * (ROWS // 4 - LENGTH + 1),)
    assert np.isfinite(found).all()
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_cross_fitting_refuses_folds_too_short_for_the_windows() -> None:
    long = Windows(series(), np.arange(89, ROWS), 90)
    with pytest.raises(InputError, match="windows of 90 steps for"):
        cross_fit_windows(long, None, config(), lambda _done, _folds: None)
