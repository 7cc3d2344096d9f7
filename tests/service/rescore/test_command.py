"""``plumbline-rescore`` as a user runs it."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import repeat
from pathlib import Path

import pytest
from pyarrow import parquet

from model.images.png import png
from service.rescore import progress as rescore_progress
from service.rescore.command import app
from tests.golden.image_bundle import GOLDEN_IMAGE_BUNDLE
from tests.golden.window_bundle import CHANNELS, INTERVAL, STEPS, WINDOW_BUNDLE, strokes
from tests.samples import clean_rows
from tests.service.bundles import PUMP, fail_golden_check, put_bundle
from tests.service.tables import write_csv
from tests.tiles import clean_tiles

Run = Callable[..., int]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command with these arguments and return its exit code."""

    def run(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["plumbline-rescore", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            app()
        return int(left.value.code or 0)

    return run


def test_a_directory_is_rescored_and_summed_up(tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    rows = clean_rows(40)
    rows[0] *= 2
    write_csv(tmp_path / "in" / "a.csv", [*rows, ["x"]])
    write_csv(tmp_path / "in" / "deep" / "b.csv", clean_rows(10))
    assert run(tmp_path / "in", "--bundle", PUMP, "--out", tmp_path / "out") == 0
    shown = capsys.readouterr()
    assert shown.out.startswith(f"{tmp_path / 'out'}: 2 files, 51 rows: ")
    assert ", 1 invalid (" in shown.out
    assert shown.err == ""
    assert parquet.read_metadata(tmp_path / "out" / "a.csv.parquet").num_rows == 41
    assert parquet.read_metadata(tmp_path / "out" / "deep" / "b.csv.parquet").num_rows == 10


def test_progress_is_told_in_plain_lines_where_there_is_no_terminal(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescore_progress, "LINE_INTERVAL_S", 0.0)
    file = write_csv(tmp_path / "a.csv", clean_rows(10))
    assert run(file, "--bundle", PUMP, "--out", tmp_path / "out") == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert f"INFO file 1 of 1: {file}: 10 rows so far" in line


def test_explain_adds_its_columns(tmp_path: Path, run: Run) -> None:
    file = write_csv(tmp_path / "a.csv", clean_rows(10))
    assert run(file, "--bundle", PUMP, "--out", tmp_path / "out", "--explain") == 0
    assert {"top_feature", "expected_flow"} <= set(parquet.read_schema(tmp_path / "out" / "a.csv.parquet").names)


@pytest.mark.parametrize(
    ("inputs", "bundle", "sentence"),
    [
        ("nowhere.csv", PUMP, "nowhere.csv: no such file or directory"),
        ("other.csv", PUMP, "other.csv: expected columns 'pressure', 'flow', 'temperature', 'current', which it lacks"),
        ("a.csv", Path("no/bundle"), "no/bundle"),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_code_2(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str], inputs: str, bundle: Path, sentence: str
) -> None:
    write_csv(tmp_path / "a.csv", clean_rows(3))
    write_csv(tmp_path / "other.csv", [[1]], ["x"])
    assert run(tmp_path / inputs, "--bundle", bundle, "--out", tmp_path / "out") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert sentence in line
    assert not (tmp_path / "out").exists()


def test_one_bad_file_among_many_is_found_before_any_work(tmp_path: Path, run: Run) -> None:
    write_csv(tmp_path / "in" / "a.csv", clean_rows(3))
    write_csv(tmp_path / "in" / "b.csv", [[1]], ["x"])
    assert run(tmp_path / "in", "--bundle", PUMP, "--out", tmp_path / "out") == 2
    assert not (tmp_path / "out").exists()


def test_a_bundle_that_fails_its_golden_samples_rescores_nothing(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = put_bundle(tmp_path / "models", change=fail_golden_check)
    file = write_csv(tmp_path / "a.csv", clean_rows(3))
    assert run(file, "--bundle", bundle, "--out", tmp_path / "out") != 0
    assert "golden sample" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_running_it_twice_replaces_nothing(tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_csv(tmp_path / "a.csv", clean_rows(3))
    assert run(file, "--bundle", PUMP, "--out", tmp_path / "out") == 0
    first = (tmp_path / "out" / "a.csv.parquet").read_bytes()
    assert run(file, "--bundle", PUMP, "--out", tmp_path / "out") == 2
    assert "is already there; outputs are never overwritten" in capsys.readouterr().err
    assert (tmp_path / "out" / "a.csv.parquet").read_bytes() == first


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what a process held at most")
def test_memory_stays_flat_however_long_the_file(tmp_path: Path) -> None:
    header, *rows = write_csv(tmp_path / "a.csv", clean_rows(50_000)).read_text().splitlines(keepends=True)
    peaks = {}
    for repeats in (20, 80):
        with (tmp_path / f"{repeats}.csv").open("w") as file:
            file.write(header)
            file.writelines(repeat("".join(rows), repeats))
        peaks[repeats] = _peak_bytes(tmp_path, f"{repeats}.csv")
    # Held in memory, the longer file's extra rows would take 216 MB as text and 96 MB more as floats.
    assert peaks[80] - peaks[20] < 64 << 20


def _peak_bytes(folder: Path, name: str) -> int:
    """Re-score in a process of its own and give the most memory that it held."""
    code = (
        "import pathlib; from service.rescore.command import app\n"
        "try: app()\n"
        "except SystemExit as left: assert not left.code\n"
        "print(pathlib.Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    command = [sys.executable, "-c", code, str(folder / name), "--bundle", str(PUMP), "--out", str(folder / "out")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout.split()[-1]) * 1024


def test_images_are_rescored_by_a_model_of_images(tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for number, image in enumerate(clean_tiles(5)):
        (tmp_path / f"{number}.png").write_bytes(png(image))
    assert run(tmp_path, "--bundle", GOLDEN_IMAGE_BUNDLE, "--out", tmp_path / "out", "--explain") == 0
    assert ": 5 files, 5 images: 5 normal, 0 anomaly, 0 invalid (" in capsys.readouterr().out
    assert parquet.read_metadata(tmp_path / "out" / "verdicts.parquet").num_rows == 5
    table = write_csv(tmp_path / "rows" / "a.csv", clean_rows(2))
    assert run(table, "--bundle", GOLDEN_IMAGE_BUNDLE, "--out", tmp_path / "out2") == 2
    assert "expected one of .png" in capsys.readouterr().err


def test_a_series_in_text_with_iso_times_is_rescored_by_windows_that_span_no_gap(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    stamps = [start + timedelta(seconds=step * INTERVAL + (5 if step >= 20 else 0)) for step in range(40)]
    rows = [[stamp.isoformat(), *map(float, row)] for stamp, row in zip(stamps, strokes(40), strict=True)]
    file = write_csv(tmp_path / "press.csv", rows, ("time", *CHANNELS))
    assert run(file, "--bundle", WINDOW_BUNDLE, "--out", tmp_path / "out") == 0
    assert f"{2 * (STEPS - 1)} invalid (" in capsys.readouterr().out
    found = parquet.read_table(tmp_path / "out" / "press.csv.parquet")
    waiting = [step for step, why in enumerate(found["reason"].to_pylist()) if why is not None]
    assert waiting == [*range(STEPS - 1), *range(20, 20 + STEPS - 1)]


def test_lines_are_written_instead_of_tables(tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [["2026-01-01T00:00:00Z", *clean_rows(1)[0]], ["2026-01-01T00:01:00Z", 8.1, "", 45.2, 11.1]]
    file = write_csv(tmp_path / "a.csv", rows, ["Timestamp", "pressure", "flow", "temperature", "current"])
    out = tmp_path / "out"
    assert run(file, "--bundle", PUMP, "--out", out, "--lines", "Timestamp") == 0
    assert ", 1 invalid (" in capsys.readouterr().out
    normal, invalid = (out / "a.csv.jsonl").read_text().splitlines()
    assert '"prediction":0' in normal
    assert '"prediction"' not in invalid


@pytest.mark.parametrize(
    ("bundle", "flags", "message"),
    [
        (GOLDEN_IMAGE_BUNDLE, (), "--lines is for rows with times; this model judges images"),
        (PUMP, ("--explain",), "--lines explains every row; leave out --explain"),
    ],
)
def test_lines_that_cannot_be_written_are_refused(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str], bundle: Path, flags: tuple[str, ...], message: str
) -> None:
    write_csv(tmp_path / "in" / "a.csv", clean_rows(1))
    (tmp_path / "in" / "a.png").write_bytes(png(clean_tiles(1)[0]))
    assert run(tmp_path / "in", "--bundle", bundle, "--out", tmp_path / "out", "--lines", "Timestamp", *flags) == 2
    assert message in capsys.readouterr().err
