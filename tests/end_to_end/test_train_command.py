"""``plumbline-train`` as a user runs it: a process, files, an exit code, sentences."""

import csv
import hashlib
import io
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from model.bundle import read_bundle
from model.scorer import Scorer
from tests.samples import FEATURES, clean_rows

HEADER = ",".join(feature.name for feature in FEATURES)
QUICK = 'target_fpr = 0.02\n[vae]\nhidden = [16, 16]\n[fit]\nsteps = 300\n[features.pressure]\nunit = "bar"\n'


def write_csv(file: Path, rows: NDArray[np.float64], header: str = HEADER, extra: str = "") -> Path:
    body = "\n".join(",".join(f"{value:.9g}" for value in row) for row in rows)
    file.write_text(f"{header}\n{body}\n{extra}")
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_csv(tmp_path / "clean.csv", clean_rows(1500))
    (tmp_path / "train.toml").write_text(QUICK)
    return tmp_path


def start(folder: Path, *arguments: str, limit_file_bytes: int | None = None) -> "subprocess.Popen[str]":
    def limit() -> None:
        if limit_file_bytes is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_file_bytes, limit_file_bytes))

    return subprocess.Popen(
        [sys.executable, "-m", "training.command", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,
    )


def run(folder: Path, *arguments: str, limit_file_bytes: int | None = None) -> "subprocess.CompletedProcess[str]":
    process = start(folder, *arguments, limit_file_bytes=limit_file_bytes)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def train(folder: Path, data: str = "clean.csv", *more: str, **limits: int) -> "subprocess.CompletedProcess[str]":
    return run(folder, data, "--out", "models/pump", "--config", "train.toml", *more, **limits)


def digests(bundle: Path) -> dict[str, str]:
    names = ("encoder.onnx", "decoder.onnx", "scorer.onnx", "calibration.npy", "golden.npz")
    return {name: hashlib.sha256((bundle / name).read_bytes()).hexdigest() for name in names}


def test_clean_data_becomes_a_bundle_that_scores(folder: Path) -> None:
    rows = np.hstack([clean_rows(400, seed=5), np.zeros((400, 1))])
    rows[300:, 0] += 3
    rows[300:, 4] = 1
    write_csv(folder / "test.csv", rows, HEADER + ",fault")
    result = train(folder, "clean.csv", "--test", "test.csv", "--label", "fault")
    assert result.returncode == 0, result.stderr
    bundle = folder / result.stdout.strip()
    assert bundle == folder / "models/pump/1"
    assert sorted(path.name for path in (folder / "models/pump").iterdir()) == ["1"]
    scorer = Scorer(read_bundle(bundle))
    scorer.check_golden()
    judged = scorer.score(rows[:, :4].copy())
    assert (judged.verdict[300:] == 2).mean() > 0.95
    assert (judged.verdict[:300] == 2).mean() < 0.06
    assert "false-alarm rate promised 0.02, achieved" in result.stderr
    assert "takes 149 independent clean calibration samples, 368 rows are there" in result.stderr
    assert scorer.manifest.training.metrics["test_auroc"] > 0.98
    assert (bundle / "report/index.html").stat().st_size > 10_000


def test_another_detector_than_the_vae_becomes_a_bundle_that_scores(folder: Path) -> None:
    result = train(folder, "clean.csv", "--detector", "knn")
    assert result.returncode == 0, result.stderr
    assert "robust Mahalanobis" in result.stderr
    scorer = Scorer(read_bundle(folder / "models/pump/1"))
    scorer.check_golden()
    assert scorer.manifest.detector == "knn"
    assert not (folder / "models/pump/1/encoder.onnx").exists()
    rows = clean_rows(100, seed=5)
    rows[:, 1] += 40
    assert (scorer.score(rows).verdict == 2).all()
    assert 0 < scorer.manifest.training.metrics["injected_detection_vae"] <= 1


def test_rows_too_few_to_hold_a_part_out_are_calibrated_on_out_of_fold(folder: Path) -> None:
    write_csv(folder / "few.csv", clean_rows(400))
    result = train(folder, "few.csv")
    assert result.returncode == 0, result.stderr
    assert "cross-fitting: fold 5 of 5" in result.stderr
    bundle = read_bundle(folder / result.stdout.strip())
    threshold = bundle.manifest.threshold
    assert (threshold.method, threshold.calibration_count) == ("cross_fitted", 400)
    alarms = Scorer(bundle).score(clean_rows(5000, seed=7)).verdict == 2
    assert alarms.mean() <= 0.02


def test_rows_that_repeat_each_other_are_refused_before_the_detector_is_trained(folder: Path) -> None:
    write_csv(folder / "slow.csv", np.repeat(clean_rows(40), 10, axis=0) + 0.001 * clean_rows(400, seed=3))
    result = train(folder, "slow.csv")
    assert result.returncode == 3
    assert "takes 149 independent clean calibration samples; the 400 there are repeat" in result.stderr
    assert "epoch" not in result.stderr
    assert not (folder / "models/pump").exists()


def test_nothing_that_libraries_say_reaches_the_user(folder: Path) -> None:
    lines = train(folder).stderr.splitlines()
    assert lines
    assert all(" INFO " in line or " WARNING " in line for line in lines), lines


def test_a_seed_repeats_bit_for_bit_and_the_version_rises(folder: Path) -> None:
    assert train(folder, "clean.csv", "--seed", "3").returncode == 0
    assert train(folder, "clean.csv", "--seed", "3").returncode == 0
    assert digests(folder / "models/pump/1") == digests(folder / "models/pump/2")
    assert json.loads((folder / "models/pump/2/manifest.json").read_text())["version"] == 2


def wait_for_a_checkpoint(process: "subprocess.Popen[str]", file: Path) -> None:
    """Return when ``process`` has written ``file`` anew."""
    before, deadline = file.stat().st_mtime_ns if file.exists() else 0, time.monotonic() + 60
    while not file.exists() or file.stat().st_mtime_ns == before:
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


def test_a_run_that_was_interrupted_and_then_killed_resumes_to_the_same_bundle(folder: Path) -> None:
    slow = QUICK.replace("steps = 300", "steps = 9000\npatience = 1000")
    (folder / "train.toml").write_text(slow)
    checkpoint = folder / "models/pump/.training/checkpoint.safetensors"
    arguments = ("clean.csv", "--out", "models/pump", "--config", "train.toml")

    interrupted = start(folder, *arguments)
    wait_for_a_checkpoint(interrupted, checkpoint)
    interrupted.send_signal(signal.SIGINT)
    assert interrupted.communicate()[1].splitlines()[-1] == "interrupted; --resume continues it"
    assert interrupted.returncode == 130

    killed = start(folder, *arguments, "--resume")
    wait_for_a_checkpoint(killed, checkpoint)
    killed.kill()
    killed.communicate()
    assert [path.name for path in (folder / "models/pump").iterdir()] == [".training"]

    resumed = train(folder, "clean.csv", "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert "resuming after epoch " in resumed.stderr
    whole = run(folder, "clean.csv", "--out", "models/whole", "--config", "train.toml")
    assert whole.returncode == 0, whole.stderr
    assert digests(folder / "models/pump/1") == digests(folder / "models/whole/1")
    assert not checkpoint.parent.exists()


def test_planted_rows_are_listed_marked_and_left_out(folder: Path) -> None:
    planted = [200, 700, 1400]
    rows = clean_rows(1500)
    rows[planted, 1] += 40
    write_csv(folder / "dirty.csv", rows)
    first = train(folder, "dirty.csv")
    assert first.returncode == 0, first.stderr
    assert "clean rows stand out" in first.stderr
    content = (folder / "models/pump/1/report/suspects.csv").read_text("utf-8-sig")
    suspects = list(csv.DictReader(io.StringIO(content)))
    assert {int(row["row"]) - 1 for row in suspects[:3]} == set(planted)
    assert all(row["feature 1"] == "flow" for row in suspects[:3])

    with (folder / "marked.csv").open("w", encoding="cp1252", newline="") as file:
        writer = csv.DictWriter(file, list(suspects[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(row | {"exclude": "x" if int(row["rank"]) <= 3 else ""} for row in suspects)
    second = train(folder, "dirty.csv", "--exclude", "marked.csv")
    assert second.returncode == 0, second.stderr
    assert "3 rows left out as marked in marked.csv" in second.stderr
    assert "dirty.csv row 201" in second.stderr
    manifest = json.loads((folder / "models/pump/2/manifest.json").read_text())
    assert manifest["training"]["rows"]["excluded"] == 3
    assert sum(manifest["training"]["rows"].values()) == 1500

    refused = train(folder, "clean.csv", "--exclude", "marked.csv")
    assert refused.returncode == 2
    assert "this row cannot be found among the 1,500 clean rows" in refused.stderr.splitlines()[-1]


def test_suspects_are_not_looked_for_where_the_configuration_says_so(folder: Path) -> None:
    (folder / "train.toml").write_text(QUICK + "[suspects]\nfolds = 0\n")
    assert train(folder).returncode == 0
    assert [path.name for path in (folder / "models/pump/1/report").iterdir()] == ["index.html"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("absent.csv", None, "absent.csv: no such file or directory"),
        ("empty.csv", "", "empty.csv: "),
        ("header.csv", HEADER + "\n", "header.csv"),
        ("text.csv", "a,b\n1,x\n2,y\n3,z\n", "column 'b' holds text"),
        ("short.csv", HEADER + "\n1,2,3,4\n2,3,4,5\n", "at least 20 are needed"),
    ],
)
def test_unusable_input_is_one_sentence_and_exit_code_2(
    folder: Path, name: str, content: str | None, sentence: str
) -> None:
    if content is not None:
        (folder / name).write_text(content)
    result = train(folder, name)
    assert result.returncode == 2
    assert sentence in result.stderr
    assert result.stderr.splitlines()[-1].startswith("error: ")
    assert "Traceback" not in result.stderr
    assert not (folder / "models").exists()


def test_ragged_missing_and_huge_rows_are_reported_and_left_out(folder: Path) -> None:
    spoilt = "8,120,45\n8,120,45,nan\n8,abc,45,11\n1e308,120,45,11\n"
    write_csv(folder / "spoilt.csv", clean_rows(1500), extra=spoilt)
    result = train(folder, "spoilt.csv")
    assert result.returncode == 0, result.stderr
    assert "column 'current' lacks a value in 1 rows" in result.stderr
    assert "3 rows rejected" in result.stderr
    assert "spoilt.csv row 1501: unreadable_row" in result.stderr
    assert "spoilt.csv row 1503: not_a_number: 'flow' is 'abc'" in result.stderr
    assert "spoilt.csv row 1504: 'pressure' is 1e+308, too large to compute with" in result.stderr


def test_rejected_rows_are_told_even_where_too_few_are_left(folder: Path) -> None:
    write_csv(folder / "spoilt.csv", clean_rows(20), extra="8,120,45\n" * 30)
    result = train(folder, "spoilt.csv")
    assert result.returncode == 2
    assert "30 rows rejected" in result.stderr
    assert "spoilt.csv row 21: unreadable_row: expected 4 cells, found 3" in result.stderr
    assert "at least 20 are needed" in result.stderr.splitlines()[-1]


def test_too_few_calibration_rows_are_a_gate_and_exit_code_3(folder: Path) -> None:
    result = train(folder, "clean.csv", "--target-fpr", "0.001")
    assert result.returncode == 3
    assert "takes 2,995 clean calibration samples, found 1,500" in result.stderr
    assert not (folder / "models").exists()


def test_a_full_disk_leaves_no_bundle(folder: Path) -> None:
    result = train(folder, limit_file_bytes=4000)
    assert result.returncode == 1
    assert "pump/.training/checkpoint.safetensors: cannot be written: File too large; make room" in result.stderr or (
        "models/pump/1: cannot be written: File too large; make room there and try again" in result.stderr
    )
    assert "Traceback" not in result.stderr
    assert not (folder / "models").exists()


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_read(folder: Path) -> None:
    result = run(folder, "absent.csv", "--out", "clean.csv/pump", "--config", "train.toml")
    assert result.returncode == 2
    assert "error: --out clean.csv/pump: expected a directory" in result.stderr


def test_a_model_name_that_cannot_be_one_is_refused(folder: Path) -> None:
    result = run(folder, "clean.csv", "--out", "models/..", "--config", "train.toml")
    assert result.returncode == 2
    assert "--out must end in the model's name" in result.stderr
