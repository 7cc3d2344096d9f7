"""A clean series from files: in order, in segments, and nothing left out without a word."""

import logging
from pathlib import Path

import numpy as np
import pytest

from model.errors import InputError
from tests.training.windows.series_files import config, reading, write_series
from training.windows.series_data import Series, read_series, tell_series


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(*files: str, **settings: object) -> Series:
    return read_series(files, config(**settings), None)


def test_a_whole_series_is_one_segment_at_the_interval_of_its_iso_times() -> None:
    series = read(write_series("a.csv", np.arange(0, 25, 0.5)))
    assert series.interval == 0.5
    assert series.segments.lengths.tolist() == [50]
    assert series.values[:3].tolist() == [[0, 0.5], [0.5, 1], [1, 1.5]]
    assert series.notes.remarks == ()


def test_gaps_repeats_and_disorder_are_told_with_counts_and_the_first_place(caplog: pytest.LogCaptureFixture) -> None:
    steps = [*range(20), *range(40, 60), 19, 70, 65]
    series = read(write_series("a.csv", steps))
    assert series.segments.lengths.tolist() == [20, 20, 1, 1]
    with caplog.at_level(logging.INFO):
        tell_series(series)
    for sentence in (
        "42 rows of 2 channels, 1 s apart, in 4 stretches without a gap",
        "rows that come after a gap of more than 1.5 s: 3, the first: a.csv row 21",
        "rows that repeat the time of another and are left out: 1, the first: a.csv row 41",
        "rows that stood behind a later one and were put in their place in time: 2, the first: a.csv row 41",
    ):
        assert sentence in caplog.text


def test_incomplete_and_unreadable_rows_break_the_series_and_are_counted() -> None:
    cells = {5.0: ",1", 11.0: "broken,1", 17.0: "inf,1"}
    series = read(write_series("a.csv", range(30), lambda step: cells.get(step, reading(step))))
    assert series.segments.lengths.tolist() == [5, 5, 5, 12]
    assert series.notes.incomplete_rows == 1
    assert series.notes.missing_values == {"P1": 1}
    assert series.notes.rejected_rows == 2
    assert any("a.csv row 12: not_a_number" in sentence for sentence in series.notes.rejections)
    assert any("a.csv row 18: infinite_value" in sentence for sentence in series.notes.rejections)


def test_machines_whose_rows_alternate_are_each_a_segment() -> None:
    file = Path("a.csv")
    write_series("a.csv", np.repeat(np.arange(20.0), 2), lambda step: reading(step) + ",pump")
    lines = file.read_text().splitlines()
    lines[0] = "time,P1,P2,asset"
    lines[2::2] = [line.replace("pump", "mill") for line in lines[2::2]]
    file.write_text("\n".join(lines) + "\n")
    series = read(str(file), data__group="asset")
    assert series.segments.lengths.tolist() == [20, 20]
    assert series.group is not None
    assert series.group[[0, 20]].tolist() == ["pump", "mill"]


def test_machines_that_are_mixed_without_a_group_are_refused() -> None:
    write_series("a.csv", range(30))
    write_series("b.csv", range(30))
    with pytest.raises(
        InputError, match=r"30 of 60 rows repeat the time of another \(the first: b.csv row 1\).*data.group"
    ):
        read("a.csv", "b.csv")


def test_without_times_rows_follow_each_other_within_file_and_group() -> None:
    for name in ("a", "b"):
        rows = [f"{row % 7},{row % 5},{'pump' if row % 2 else 'mill'}" for row in range(20)]
        rows[9] = "1,2"  # a record that cannot be read
        Path(f"{name}.csv").write_text("P1,P2,asset\n" + "\n".join(rows) + "\n")
    series = read("a.csv", "b.csv", data__group="asset", data__time=None)
    assert series.interval == 1
    assert series.segments.lengths.tolist() == [5, 5, 4, 5] * 2
    assert series.place[0] == "a.csv row 1"
    assert series.place[5] == "a.csv row 11"
    assert any("come after a record that cannot be read" in remark for remark in series.notes.remarks)


def test_a_given_interval_decides_what_a_gap_is() -> None:
    file = write_series("a.csv", np.cumsum(np.tile([1.0, 1.0, 2.0, 4.0], 12)))
    with pytest.raises(InputError, match="steady interval"):
        read(file)
    assert read(file, window__sampling_interval="1s").segments.lengths.tolist() == [2, 1, 3, *[1, 3] * 10, 1, 1]
    assert read(file, window__sampling_interval="1s", window__longest_step=4).segments.lengths.tolist() == [48]


def test_rows_faster_than_the_given_interval_are_refused() -> None:
    with pytest.raises(InputError, match="expected rows 60 s apart, found 100%"):
        read(write_series("a.csv", range(30)), window__sampling_interval="1 min")


def test_a_constant_channel_is_refused_or_dropped() -> None:
    file = write_series("a.csv", range(30), lambda step: f"{step % 7},3")
    with pytest.raises(InputError, match="'P2' \\(always 3\\)"):
        read(file)
    assert read(file, data__constant="drop").spec.names == ("P1",)


def test_rows_labelled_anomalous_are_refused() -> None:
    file = write_series("a.csv", range(30), lambda step: f"{reading(step)},{int(step == 9)}", header="P1,P2,fault")
    with pytest.raises(InputError, match=r"no anomalies, found 1 rows with fault = 1 \(the first: a.csv row 10\)"):
        read_series([file], config(), "fault")


def test_no_usable_row_is_an_error_that_names_the_first() -> None:
    file = write_series("a.csv", range(4), lambda step: f"{step},{step * 2}" if step % 2 else f"{step},")
    series = read(file)
    assert series.segments.lengths.tolist() == [1, 1]
    file = write_series("b.csv", range(4), lambda step: f"{step}," if step % 2 else f",{step}")
    with pytest.raises(InputError, match=r"no row is complete and within range; the first: b.csv row 1: missing_value"):
        read(file)
