"""A time series, as a plant uses it: trained on, served, streamed and re-scored, the same verdicts everywhere."""

from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from numpy.typing import NDArray
from pyarrow import parquet

from tests.end_to_end.commands import command
from tests.golden.window_bundle import CHANNELS, STEPS, strokes
from tests.service.programs import serving

QUICK = '[data]\ntime = "time"\n[fit]\nsteps = 150\n'
START, INTERVAL = np.datetime64("2026-03-02T06:00:00"), np.timedelta64(500, "ms")
FAULT = slice(120, 180)


def written(file: Path, x: NDArray[np.float64], label: NDArray[np.int64] | None = None) -> list[str]:
    """Write a series as CSV with ISO times and return them."""
    times = [str(START + step * INTERVAL) for step in range(len(x))]
    rows = [",".join([time, *map(repr, row)]) for time, row in zip(times, x.tolist(), strict=True)]
    if label is not None:
        rows = [f"{row},{of}" for row, of in zip(rows, label.tolist(), strict=True)]
    head = ",".join(["time", *CHANNELS, *(["fault"] if label is not None else [])])
    file.write_text("\n".join([head, *rows]))
    return times


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("press")
    (folder / "train.toml").write_text(QUICK)
    written(folder / "clean.csv", strokes(3000))
    x, label = strokes(240, seed=9), np.zeros(240, dtype=np.int64)
    x[FAULT, 0], label[FAULT] = x[FAULT.start, 0], 1
    written(folder / "today.csv", x, label)
    return folder


@pytest.fixture(scope="module")
def told(folder: Path) -> str:
    return command(
        folder, "training.command", "clean.csv", "--modality", "window", "--config", "train.toml", "--length", str(STEPS),
        "--target-fpr", "0.05", "--test", "today.csv", "--label", "fault", "--out", "models/press",
    )  # fmt: skip


def test_training_tells_the_interval_the_windows_and_what_was_found(told: str) -> None:
    assert "3,000 rows of 3 channels, 0.5 s apart, in one stretch without a gap" in told
    assert f"windows of {STEPS} steps (as asked for)" in told
    assert "threshold" in told
    assert "detection rate" in told


def test_score_stream_and_rescoring_agree_to_the_bit(folder: Path, told: str) -> None:
    assert told
    x = np.loadtxt(folder / "today.csv", delimiter=",", skiprows=1, usecols=(1, 2, 3))
    times = [line.split(",")[0] for line in (folder / "today.csv").read_text().splitlines()[1:]]
    with serving(folder / "models", folder / "service.log") as service:
        windows = [x[end - STEPS + 1 : end + 1].tolist() for end in range(STEPS - 1, len(x))]
        scored = results(service.url, "score", {"samples": windows})
        streamed = [
            result
            for start in range(0, len(x), 50)
            for result in results(
                service.url,
                "streams/press-1/rows",
                {"rows": x[start : start + 50].tolist(), "times": times[start : start + 50]},
            )
        ]
    command(folder, "service.rescore.command", "today.csv", "--bundle", "models/press/1", "--out", "verdicts")
    table = parquet.read_table(folder / "verdicts")
    expected = [result["score"] for result in scored]
    assert [result["score"] for result in streamed] == [None] * (STEPS - 1) + expected
    assert table["score"].to_pylist() == [None] * (STEPS - 1) + expected
    assert table["verdict"].to_pylist() == [result["verdict"] for result in streamed]
    found = np.array(table["verdict"].to_pylist())
    assert (found[FAULT.start + STEPS : FAULT.stop] == "anomaly").mean() > 0.9


def results(url: str, route: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    answer = httpx2.post(f"{url}/{route}", json=body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_the_bundle_verifies_and_its_report_draws_the_verdicts_in_time(folder: Path, told: str) -> None:
    assert told
    assert "failed" not in command(folder, "model.verification.command", "models/press/1")
    report = (folder / "models/press/1/report/index.html").read_text()
    assert "Verdicts in time" in report
    assert 'aria-label="240 steps' in report or 'aria-label="233 steps' in report


def test_a_series_at_no_steady_interval_is_refused_in_a_sentence(folder: Path) -> None:
    seconds = np.cumsum(np.random.default_rng(0).exponential(1.0, 400))
    rows = [
        ",".join(map(repr, [time, *row])) for time, row in zip(seconds.tolist(), strokes(400).tolist(), strict=True)
    ]
    (folder / "irregular.csv").write_text("\n".join([",".join(["time", *CHANNELS]), *rows]))
    told = command(
        folder,
        "training.command",
        "irregular.csv",
        "--modality",
        "window",
        "--time",
        "time",
        "--out",
        "models/x",
        code=2,
    )
    assert "error: rows must come at a steady interval" in told
    assert not (folder / "models/x").exists()


def test_a_short_series_is_calibrated_out_of_fold(folder: Path) -> None:
    written(folder / "short.csv", strokes(260, seed=4))
    told = command(
        folder, "training.command", "short.csv", "--modality", "window", "--config", "train.toml", "--length", str(STEPS),
        "--rule", "conformal", "--target-fpr", "0.05", "--seed", "1", "--out", "models_short/press",
    )  # fmt: skip
    assert "calibration is cross-fitted in 5 folds" in told
    assert "cross-fitting: fold 5 of 5" in told
