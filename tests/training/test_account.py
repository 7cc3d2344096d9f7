import logging

import pytest

from model.features import FeatureSpec
from tests.samples import FEATURES
from tests.training.report.report_samples import certificate
from training.account import tell_detectability


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
