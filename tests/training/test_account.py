import logging
from dataclasses import replace

import numpy as np
import pytest

from model.features import FeatureSpec
from model.threshold import CalibrationRule
from tests.factories import untrained_detector
from tests.samples import FEATURES, clean_rows
from tests.training.report.report_samples import certificate
from training.account import tell_calibration, tell_detectability
from training.calibrate import calibrate
from training.config import load_config
from training.served import ServedDetector, make_served

WANDERING = np.repeat(np.random.default_rng(0).exponential(size=50), 20)


@pytest.fixture(scope="module")
def served() -> ServedDetector:
    spec = FeatureSpec(features=FEATURES)
    return make_served(untrained_detector().graphs, spec, clean_rows(1000), load_config(None, {}))


@pytest.mark.parametrize(
    ("rule", "consequence"),
    [("tolerance", "the confidence in the rate may be as low as"), ("conformal", "the rate may not be kept")],
)
def test_rows_that_repeat_each_other_are_warned_of_under_every_rule(
    served: ServedDetector, rule: CalibrationRule, consequence: str, caplog: pytest.LogCaptureFixture
) -> None:
    threshold = calibrate(WANDERING, 0.01, rule, 0.95)
    with caplog.at_level(logging.WARNING, "plumbline.training"):
        tell_calibration(replace(served, calibration_scores=WANDERING, threshold=threshold), load_config(None, {}))
    assert "1,000 rows are worth about" in caplog.text
    assert consequence in caplog.text


def test_independent_rows_are_not_warned_of(served: ServedDetector, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "plumbline.training"):
        tell_calibration(served, load_config(None, {}))
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("confidence", "said"), [(0.95, "found with 95% confidence:"), (None, "rows found: It is blind")]
)
def test_where_the_detector_is_blind_is_told(
    confidence: float | None, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    spec = FeatureSpec(features=FEATURES)
    with caplog.at_level(logging.INFO, "plumbline.training"):
        tell_detectability(certificate(spec, confidence), spec)
    assert said in caplog.text
    assert "It is blind in current: no bias up to 640 A is found there." in caplog.text
    assert "named first in 98.0 % (4 sensors, six kinds, 300 rows each)" in caplog.text
