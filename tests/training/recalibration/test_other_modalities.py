"""Bundles of windows and images get another rate on the scores they hold; new data for them are refused in a sentence."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from model.bundle import read_bundle
from model.scorer import Scorer
from tests.golden.image_bundle import GOLDEN_IMAGE_BUNDLE
from tests.golden.window_bundle import WINDOW_BUNDLE
from training.inspection.command import app as inspect
from training.recalibration.command import app as calibrate

BUNDLES = [WINDOW_BUNDLE, GOLDEN_IMAGE_BUNDLE]


@pytest.mark.parametrize("bundle", BUNDLES, ids=["windows", "images"])
def test_another_rate_keeps_graphs_and_form_and_answers_as_it_must(bundle: Path, tmp_path: Path) -> None:
    name = bundle.parent.name
    out = tmp_path / name
    told = CliRunner().invoke(calibrate, [str(bundle), "--target-fpr", "0.2", "--rule", "conformal", "--out", str(out)])
    assert told.exit_code == 0, told.output
    parent, child = read_bundle(bundle), read_bundle(out / "1")
    Scorer(child).check_golden()
    assert child.scorer == parent.scorer
    assert child.manifest.form == parent.manifest.form
    assert child.manifest.threshold.target_fpr == 0.2
    assert child.manifest.threshold.value < parent.manifest.threshold.value


@pytest.mark.parametrize("bundle", BUNDLES, ids=["windows", "images"])
def test_new_data_and_verdicts_on_rows_are_refused(bundle: Path, tmp_path: Path) -> None:
    file = tmp_path / "rows.npy"
    np.save(file, np.zeros((5, 3)))
    told = CliRunner().invoke(calibrate, [str(bundle), str(file)])
    assert told.exit_code == 2
    assert "new clean data are taken for rows alone" in told.output
    told = CliRunner().invoke(inspect, [str(bundle), str(file)])
    assert told.exit_code == 2
    assert "for rows alone" in told.output
