import numpy as np
import pytest

from model.errors import InputError
from training.standardise import fit_standardiser


def test_a_feature_that_is_still_in_training_is_named() -> None:
    train = np.column_stack([np.arange(50.0), np.full(50, 7.5)])
    with pytest.raises(InputError, match=r"never change in the 50 training rows: 'setpoint' \(always 7\.5\)"):
        fit_standardiser(train, ["flow", "setpoint"])


def test_small_variations_on_a_large_offset_are_kept() -> None:
    train = np.array([[1e6], [1e6 + 1e-3], [1e6 + 2e-3]])
    assert float(fit_standardiser(train, ["pressure"]).scale) == pytest.approx(np.sqrt(2 / 3) * 1e-3, rel=1e-3)
