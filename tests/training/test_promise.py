"""Which rows do what, decided before any is learned from."""

import numpy as np
import pytest

from model.errors import CalibrationError
from training.config import CalibrationConfig, TrainingConfig
from training.promise import plan_calibration


def test_enough_rows_hold_a_part_out_for_calibration() -> None:
    plan = plan_calibration(2000, None, TrainingConfig())
    assert plan.method == "held_out"
    np.testing.assert_array_equal(plan.unseen, plan.split.calibration)


def test_few_rows_all_calibrate_and_those_that_judge_the_detector_stay_out_of_it() -> None:
    plan = plan_calibration(500, None, TrainingConfig())
    assert plan.method == "cross_fitted"
    assert plan.split.calibration.size == 500
    learned = np.concatenate([plan.split.train, plan.split.validation])
    assert np.intersect1d(plan.unseen, learned).size == 0
    assert plan.unseen.size >= 30
    assert plan.unseen.min() > plan.split.validation.max()


def test_cross_fitting_can_be_asked_for_and_refused() -> None:
    asked = TrainingConfig(calibration=CalibrationConfig(method="cross_fitted"))
    assert plan_calibration(2000, None, asked).method == "cross_fitted"
    forbidden = TrainingConfig(calibration=CalibrationConfig(method="held_out"))
    with pytest.raises(CalibrationError, match="299"):
        plan_calibration(500, None, forbidden)
