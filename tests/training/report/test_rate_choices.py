"""What other rates would bring."""

import numpy as np
import pytest

from model.threshold import CalibrationRule
from training.calibrate import calibrate
from training.evaluate import evaluate
from training.report.rate_choices import RATES, rate_choices

RNG = np.random.default_rng(0)
CALIBRATION = RNG.exponential(size=1000)
TEST = np.concatenate([RNG.exponential(size=400), 4 * RNG.exponential(size=100)])
ANOMALOUS = np.arange(500) >= 400


@pytest.mark.parametrize("rule", ["tolerance", "conformal", "tail"])
def test_each_rate_is_what_calibrating_for_it_would_give(rule: CalibrationRule) -> None:
    chosen = calibrate(CALIBRATION, 0.02, rule, 0.95)
    for choice in rate_choices(chosen, CALIBRATION, TEST, ANOMALOUS):
        if choice.threshold is not None:
            assert choice.threshold == calibrate(CALIBRATION, choice.rate, rule, 0.95).value
            assert choice.evaluation == evaluate(TEST, ANOMALOUS, choice.threshold)


def test_a_rate_that_the_samples_cannot_support_has_no_threshold() -> None:
    choices = rate_choices(calibrate(CALIBRATION, 0.02, "tolerance", 0.95), CALIBRATION, TEST, ANOMALOUS)
    assert [choice.rate for choice in choices if choice.threshold is None] == [0.001, 0.002]


def test_the_bundles_own_rate_is_among_them_and_marked() -> None:
    threshold = calibrate(CALIBRATION, 0.03, "tolerance", 0.95)
    choices = rate_choices(threshold, CALIBRATION, TEST, ANOMALOUS)
    assert [choice.rate for choice in choices] == sorted([*RATES, 0.03])
    assert [choice.threshold for choice in choices if choice.chosen] == [threshold.value]
