import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.samples import FEATURES, clean_rows

ROOT = Path(__file__).parents[3]


def demo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "examples.demo", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def own_files(tmp_path: Path) -> Path:
    names = ",".join(feature.name for feature in FEATURES)
    np.savetxt(tmp_path / "clean.csv", clean_rows(3000), delimiter=",", header=names, comments="")
    test = clean_rows(200, seed=1)
    test[150:, 0] += 3
    labelled = np.column_stack([test, np.arange(200) >= 150])
    np.savetxt(tmp_path / "test.csv", labelled, delimiter=",", header=f"{names},bad", comments="", fmt="%.6g")
    (tmp_path / "train.toml").write_text("[vae]\nhidden = [16]\n[fit]\nsteps = 100\n")
    return tmp_path


def test_the_demo_goes_all_the_way_on_files_of_ones_own(own_files: Path) -> None:
    done = demo(own_files, *"--data clean.csv --test test.csv --label bad --config train.toml".split())
    assert done.returncode == 0, done.stderr
    assert "labelled anomalous" in done.stdout
    assert "pressure  in 100%" in done.stdout
    assert (own_files / "demo/models/own/1/manifest.json").is_file()
    assert (own_files / "demo/sample.json").is_file()
    assert "curl" in done.stdout


def test_a_training_run_that_fails_ends_the_demo_with_one_sentence(tmp_path: Path) -> None:
    done = demo(tmp_path, *"--data none.csv --test none.csv --label bad".split())
    assert done.returncode == 1
    assert "error: plumbline-train ended with exit code 2" in done.stderr
    assert "Traceback" not in done.stderr


def test_own_data_without_labels_to_test_on_is_refused(tmp_path: Path) -> None:
    done = demo(tmp_path, "--data", "clean.csv")
    assert done.returncode == 2
    assert done.stderr.startswith("error: own data takes all three")
