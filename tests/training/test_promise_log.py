import logging
from dataclasses import replace

import numpy as np
import pytest

from model.features import FeatureSpec
from model.threshold import CalibrationRule
from tests.factories import untrained_detector
from tests.samples import FEATURES, clean_rows
from training.calibrate import calibrate
from training.config_file import load_config
from training.drift import Drift
from training.promise_log import tell_calibration
from training.served import ServedDetector, make_served

SCORES = np.random.default_rng(0).exponential(size=1000)


@pytest.fixture(scope="module")
def served() -> ServedDetector:
    spec = FeatureSpec(features=FEATURES)
    return make_served(untrained_detector().graphs, spec, clean_rows(1000), load_config(None, {}))


@pytest.mark.parametrize(
    ("rule", "consequence"),
    [
        ("tolerance", "set for so many"),
        ("conformal", "not promised: 0.01 on average takes 99 independent samples, and 50 bear 0.02"),
        ("tail", "the tail is drawn from so few"),
    ],
)
def test_rows_that_repeat_each_other_are_warned_of_under_every_rule(
    served: ServedDetector, rule: CalibrationRule, consequence: str, caplog: pytest.LogCaptureFixture
) -> None:
    worth = 400 if rule == "tolerance" else 50
    threshold = calibrate(SCORES, 0.01, rule, 0.95, effective=worth)
    with caplog.at_level(logging.INFO, "plumbline.training"):
        tell_calibration(replace(served, threshold=threshold))
    assert f"1,000 rows are worth about {worth} independent ones" in caplog.text
    assert consequence in caplog.text


def test_a_drift_is_warned_of_before_anything_is_promised(
    served: ServedDetector, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "plumbline.training"):
        tell_calibration(replace(served, drift=Drift(0.0002, 31.0, 45.0)))
    warned, promised = caplog.text.index("median 31 in the first half"), caplog.text.index("false-alarm rate at most")
    assert warned < promised


def test_independent_rows_are_not_warned_of(served: ServedDetector, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "plumbline.training"):
        tell_calibration(served)
    assert caplog.text == ""


def test_the_alarms_that_clean_rows_raise_are_told(served: ServedDetector, caplog: pytest.LogCaptureFixture) -> None:
    assert served.alarm is not None
    assert served.alarm.clean is not None
    with caplog.at_level(logging.INFO, "plumbline.training"):
        tell_calibration(served)
    assert f": {served.alarm.clean.annunciations} raised among 1,000 clean rows" in caplog.text
