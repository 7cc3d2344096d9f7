"""What an alarm rule may ask for, and what a manifest may say of it."""

import pytest
from pydantic import ValidationError

from model.alarm.rule import Alarm, AlarmRule, CleanAlarms
from model.errors import BundleManifestError
from model.manifest import parse_manifest
from tests.golden.bundle import GOLDEN_BUNDLE


def test_more_anomalies_than_rows_cannot_be_asked_for() -> None:
    with pytest.raises(ValidationError, match=r"k \(4\) must not be above n \(3\)"):
        AlarmRule(k=4, n=3, clear_threshold=1.0)


@pytest.mark.parametrize("wrong", [{"n": 1001}, {"on_delay": 0}, {"off_delay": 0}, {"hysteresis": 0.9}, {"k": 0}])
def test_what_could_never_be_raised_or_cleared_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        AlarmRule.model_validate({"k": 1, "n": 1, "clear_threshold": 1.0, **wrong})


def test_a_manifest_holds_the_rule_and_reads_it_back() -> None:
    manifest = parse_manifest((GOLDEN_BUNDLE / "manifest.json").read_bytes())
    assert manifest.alarm is None
    rule = AlarmRule(k=2, n=3, clear_threshold=manifest.threshold.value)
    told = manifest.model_copy(update={"alarm": Alarm(rule=rule, clean=CleanAlarms(annunciations=1, runs=4))})
    assert parse_manifest(told.to_json()) == told


def test_a_line_to_clear_at_above_the_threshold_is_refused() -> None:
    manifest = parse_manifest((GOLDEN_BUNDLE / "manifest.json").read_bytes())
    rule = AlarmRule(k=1, n=1, clear_threshold=manifest.threshold.value * 1.01)
    with pytest.raises(BundleManifestError, match="clear_threshold must not be above threshold"):
        parse_manifest(manifest.model_copy(update={"alarm": Alarm(rule=rule)}).to_json())
