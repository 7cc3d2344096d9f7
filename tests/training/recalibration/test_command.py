"""``plumbline-calibrate`` as a user runs it: another version of a bundle, without training."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from model.bundle import read_bundle
from model.golden import Golden
from model.scorer import Scorer
from tests.attacks.sealing import forged_manifest, put_sealed
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import FEATURES, clean_rows
from training.recalibration.command import app

HEADER = [feature.name for feature in FEATURES]
Run = Callable[..., int]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    shutil.copytree(GOLDEN_BUNDLE.parents[1], tmp_path / "models")
    return tmp_path / "models"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the command in the folder with these arguments and return its exit code."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["plumbline-calibrate", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            app()
        return int(left.value.code or 0)

    return run


def write(
    rows: NDArray[np.float64], file: str = "new.csv", header: Sequence[str] = HEADER, **more: Sequence[str]
) -> str:
    lines = [
        ",".join([*(f"{value!r}" for value in row), *extra])
        for row, *extra in zip(rows.tolist(), *more.values(), strict=True)
    ]
    Path(file).write_text("\n".join([",".join([*header, *more]), *lines]) + "\n")
    return file


def told(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err


def digests(bundle: Path, *names: str) -> list[str]:
    files = json.loads((bundle / "manifest.json").read_text())["files"]
    return [files[name]["sha256"] for name in names]


def test_another_rate_on_the_scores_it_holds_becomes_the_next_version(
    models: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("models/pump/1", "--target-fpr", 0.05, "--review-fpr", 0.2) == 0
    assert capsys.readouterr().out == "models/pump/2\n"
    parent, child = read_bundle(models / "pump/1"), read_bundle(models / "pump/2")
    Scorer(child).check_golden()
    names = ("encoder.onnx", "decoder.onnx", "scorer.onnx", "calibration.npy", "sketch.npy")
    assert digests(models / "pump/2", *names) == digests(models / "pump/1", *names)
    assert child.manifest.explanation == parent.manifest.explanation
    assert child.manifest.threshold.value < parent.manifest.threshold.value
    assert (child.calibration > child.manifest.threshold.value).mean() <= 0.05
    assert child.manifest.review_threshold is not None
    assert child.manifest.parent is not None
    assert child.manifest.parent.model_dump() == {"name": "pump", "version": 1, "digest": parent.digest}


def test_new_clean_data_is_scored_by_the_bundle_itself_whatever_the_order_of_its_columns(
    models: Path, run: Run
) -> None:
    x = clean_rows(600, seed=11)
    write(x[:, ::-1], header=HEADER[::-1])
    assert run("models/pump/1", "new.csv") == 0
    parent, child = read_bundle(models / "pump/1"), read_bundle(models / "pump/2")
    np.testing.assert_array_equal(child.calibration, np.sort(Scorer(parent).score(x).score))
    assert child.manifest.threshold.target_fpr == parent.manifest.threshold.target_fpr
    assert child.manifest.training.rows["calibration"] == 600
    assert child.manifest.training.calibration_fingerprint not in (None, child.manifest.training.data_fingerprint)
    assert child.manifest.training.data_fingerprint == parent.manifest.training.data_fingerprint


def test_what_was_measured_at_the_old_threshold_is_not_handed_on(models: Path, run: Run) -> None:
    assert run("models/pump/1", "--rule", "conformal") == 0
    metrics = read_bundle(models / "pump/2").manifest.training.metrics
    assert "validation_negative_elbo" in metrics
    assert not [name for name in metrics if name.startswith("injected_")]


def test_a_child_can_be_calibrated_again_and_keeps_the_report_of_the_training(models: Path, run: Run) -> None:
    assert run("models/pump/1", "--target-fpr", 0.05) == 0
    assert run("models/pump/2", "--target-fpr", 0.02) == 0
    child = read_bundle(models / "pump/3").manifest
    assert child.parent is not None
    assert child.parent.version == 2
    assert (models / "pump/3/report/training.html").read_bytes() == (models / "pump/1/report/index.html").read_bytes()


def test_a_fleet_gets_a_model_for_each_asset(models: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    x = clean_rows(800, seed=12)
    x[1::2, 0] += 0.2
    write(x, asset=["east", "west"] * 400)
    assert run("models/pump/1", "new.csv", "--group", "asset") == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines() == ["models/pump-east/1", "models/pump-west/1"]
    assert "asset 'west': new clean scores are higher" in shown.err
    east, west = (read_bundle(models / f"pump-{asset}/1") for asset in ("east", "west"))
    assert east.manifest.threshold.value < west.manifest.threshold.value
    assert east.calibration.size == west.calibration.size == 400
    assert east.scorer == west.scorer
    assert run("models/pump/1", "new.csv", "--group", "asset") == 0
    assert capsys.readouterr().out.splitlines() == ["models/pump-east/2", "models/pump-west/2"]


def test_a_fleet_is_calibrated_whole_or_not_at_all(models: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write(clean_rows(510, seed=13), asset=["a"] * 400 + ["b"] * 110)
    assert run("models/pump/1", "new.csv", "--group", "asset") == 3
    assert "1 of 2 assets cannot be calibrated, so nothing was written; asset 'b': to certify" in told(capsys)
    assert sorted(path.name for path in models.iterdir()) == ["pump"]


@pytest.mark.parametrize(
    ("assets", "sentence"),
    [
        (["a", "../b"], "asset '../b' would make a model named 'pump-../b'"),
        (["a", "b/1"], "asset 'b/1' would make a model"),
        (["a", "b" * 100], "a name is 1 to 100 letters"),
        (["a", "A"], "assets 'a' and 'A' differ in capitals alone"),
    ],
)
def test_assets_whose_names_cannot_be_models_are_refused(
    models: Path, run: Run, capsys: pytest.CaptureFixture[str], assets: list[str], sentence: str
) -> None:
    write(clean_rows(800, seed=12), asset=assets * 400)
    assert run("models/pump/1", "new.csv", "--group", "asset") == 2
    assert sentence in told(capsys)
    assert sorted(path.name for path in models.iterdir()) == ["pump"]


def test_an_asset_does_not_take_the_place_of_another_model(
    models: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    write(clean_rows(400, seed=12), asset=["east"] * 400)
    assert run("models/pump/1", "--target-fpr", 0.05, "--out", "models/pump-east") == 0
    assert run("models/pump/1", "new.csv", "--group", "asset") == 0  # its newest version is a child of pump
    manifest = models / "pump-east/2/manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"parent": None}))
    assert run("models/pump/1", "new.csv", "--group", "asset") == 2
    assert "pump-east: holds a model that was not calibrated from pump" in told(capsys)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("models/pump/1",), 2, "nothing would change: give new clean data"),
        (("models/pump/1", "--target-fpr", "0.01"), 2, "nothing would change: pump version 1 promises this already"),
        (("models/pump/1", "--target-fpr", "0"), 2, "target_fpr: expected greater than 0, found 0"),
        (("models/pump/1", "--review-fpr", "0.001"), 2, "must be looser than target_fpr"),
        (("models/pump/1", "--review-fpr", "0.1", "--no-review"), 2, "exclude each other"),
        (("models/pump/1", "--group", "asset", "--target-fpr", "0.1"), 2, "--group needs new clean data"),
        (("models/pump/1", "--group", "asset"), 2, "--group needs new clean data"),
        (("models/pump/1", "--target-fpr", "0.1", "--out", "models/pump/1"), 2, "models/pump/1: is a bundle; expected"),
        (("models/pump/1", "--target-fpr", "0.0001"), 3, "takes 29,956 clean calibration samples, found 735"),
        (
            ("models/pump", "--target-fpr", "0.1"),
            2,
            "expected a bundle, found a model; its newest version is models/pump/1",
        ),
        (("models/none/1", "--target-fpr", "0.1"), 2, "models/none/1: expected a bundle directory"),
        (("models/pump/1", "absent.csv"), 2, "absent.csv: no such file or directory"),
        (("models/pump/1", "--target-fpr", "0.1", "--out", "models/a b"), 2, "--out must end in the model's name"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_nothing_written(
    models: Path, run: Run, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    assert run(*arguments) == code
    *_, last = told(capsys).splitlines()
    assert last.startswith("error: ")
    assert sentence in last
    assert sorted(path.relative_to(models).as_posix() for path in models.glob("*/*")) == ["pump/1"]


def test_a_bundle_that_was_copied_elsewhere_needs_to_be_told_where_its_child_goes(
    models: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.move(models / "pump/1", models.parent / "copy")
    assert run("copy", "--target-fpr", 0.05) == 2
    assert "give --out models/NAME" in told(capsys)
    assert run("copy", "--target-fpr", 0.05, "--out", "models/other") == 0
    assert read_bundle(models / "other/1").manifest.name == "other"


def test_a_tampered_parent_is_refused(models: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with (models / "pump/1/scorer.onnx").open("r+b") as file:
        file.seek(100)
        file.write(b"\xff")
    assert run("models/pump/1", "--target-fpr", 0.05) == 2
    assert "SHA-256 differs" in told(capsys)


def test_data_that_look_unlike_the_old_are_told_of_in_log_and_report(
    models: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    x = clean_rows(500, seed=14)
    x[:, 0] += 0.25
    write(x)
    assert run("models/pump/1", "new.csv") == 0
    assert (
        "WARNING new clean scores are higher than the calibration scores before: re-calibration hides a change"
        in told(capsys)
    )
    page = (models / "pump/2/report/index.html").read_text()
    assert "The new clean data score higher than the old." in page
    assert "re-calibration hides a change of the process" in " ".join(page.split())


WITHOUT_TORCH = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(f"No module named '{name}'")

sys.meta_path.insert(0, Absent())
from training.recalibration.command import main
main()
"""


def test_torch_is_not_needed(models: Path) -> None:
    write(clean_rows(400, seed=15), str(models.parent / "new.csv"))
    finished = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, "models/pump/1", "new.csv"],
        cwd=models.parent,
        env={"PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == "models/pump/2\n"


def test_as_many_values_may_be_absent_as_before(run: Run, models: Path) -> None:
    version = models / "pump" / "1"
    golden = read_bundle(version).golden
    complete = ~np.isnan(golden.samples).any(axis=1)
    kept = Golden(golden.samples[complete], golden.scores[complete], golden.verdicts[complete])
    put_sealed(version, "golden.npz", kept.to_npz())
    with forged_manifest(version) as manifest:
        manifest["most_absent"] = 1
    assert run(version, "--target-fpr", 0.02) == 0
    assert read_bundle(models / "pump" / "2").manifest.most_absent == 1
