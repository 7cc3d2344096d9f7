"""The drift test against scores whose level moves or does not."""

import numpy as np
import pytest

from tests.training.autoregressive import autoregressive
from training.drift import find_drift


def test_scores_that_keep_their_level_are_seldom_said_to_drift() -> None:
    found = [find_drift(autoregressive(2000, 0.5, seed)).is_significant for seed in range(60)]
    assert sum(found) <= 3


@pytest.mark.parametrize("shape", ["step", "trend", "hump"])
def test_a_level_that_moves_is_found(shape: str) -> None:
    place = np.linspace(0, 1, 2000)
    levels = {"step": place > 0.7, "trend": place, "hump": np.abs(place - 0.5) < 0.2}
    assert find_drift(autoregressive(2000, 0.0) + 0.8 * levels[shape].astype(np.float64)).is_significant


def test_the_halves_tell_which_way_it_went() -> None:
    drift = find_drift(np.concatenate([np.full(300, 2.0), np.full(300, 3.0)]) + 0.1 * autoregressive(600, 0.0))
    assert drift.early == pytest.approx(2, abs=0.02)
    assert drift.late == pytest.approx(3, abs=0.02)


def test_too_few_independent_scores_tell_nothing() -> None:
    drift = find_drift(np.linspace(0, 1, 30))
    assert drift.p_value is None
    assert not drift.is_significant


def test_the_same_scores_get_the_same_answer() -> None:
    scores = autoregressive(1000, 0.3)
    assert find_drift(scores) == find_drift(scores)
