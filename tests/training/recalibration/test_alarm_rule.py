"""A new threshold keeps the parent's alarm rule, and moves the line to clear at along with it."""

import shutil
from pathlib import Path

import pytest

from model.bundle import read_bundle
from tests.attacks.sealing import forged_manifest
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import FEATURES, clean_rows
from training.annunciations import clear_threshold
from training.recalibration.clean_rows import ColumnRoles
from training.recalibration.pipeline import recalibrate_bundle
from training.recalibration.promise import Asked

RULE = {"k": 2, "n": 3, "on_delay": 1, "off_delay": 5, "hysteresis": 2.0, "unjudged_after": 10}


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    shutil.copytree(GOLDEN_BUNDLE, tmp_path / "pump/1")
    with forged_manifest(tmp_path / "pump/1") as manifest:
        manifest["alarm"] = {"rule": {**RULE, "clear_threshold": 0.0}, "clean": {"annunciations": 3, "runs": 9}}
    return tmp_path / "pump/1"


def test_on_the_scores_it_holds_the_rule_stays_and_nothing_is_said_of_their_order(parent: Path) -> None:
    (path,) = recalibrate_bundle(parent, (), Asked(target_fpr=0.05), ColumnRoles(), None)
    child = read_bundle(path)
    alarm, threshold = child.manifest.alarm, child.manifest.threshold.value
    assert alarm is not None
    assert alarm.clean is None
    assert alarm.rule.clear_threshold == clear_threshold(threshold, child.calibration, 2.0) < threshold
    assert alarm.rule.model_dump(exclude={"clear_threshold"}) == RULE


def test_on_new_rows_in_time_order_the_alarms_are_counted_anew(parent: Path, tmp_path: Path) -> None:
    rows = [",".join(map(repr, row)) for row in clean_rows(600, seed=11).tolist()]
    (tmp_path / "new.csv").write_text("\n".join([",".join(feature.name for feature in FEATURES), *rows]))
    (path,) = recalibrate_bundle(parent, (str(tmp_path / "new.csv"),), Asked(), ColumnRoles(), None)
    child = read_bundle(path).manifest
    assert child.alarm is not None
    assert child.alarm.clean is not None
    assert child.alarm.clean.annunciations <= child.alarm.clean.runs <= 600 * child.threshold.target_fpr
