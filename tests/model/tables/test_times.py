from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from model.errors import InputError
from model.tables.rows import Rows
from model.tables.sources import resolve_sources
from model.tables.table import read_rows
from model.tables.times import times

NEW_YEAR = 1767225600.0  # 2026-01-01 00:00:00 UTC


def block(folder: Path, written: Sequence[str]) -> Rows:
    file = folder / "series.csv"
    file.write_text("time,P1\n" + "".join(f"{time},1\n" for time in written))
    (rows,) = read_rows(resolve_sources([str(file)])[0])
    return rows


@pytest.mark.parametrize(
    "written",
    [
        ("2026-01-01 00:00:00", "2026-01-01 00:00:01.5"),
        ("2026-01-01T00:00:00", "2026-01-01T00:00:01.500"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01.500Z"),
        ("2026-01-01T01:00:00+01:00", "2025-12-31T19:00:01.5-05:00"),
        ("2026-01-01T00:00:00", "2026-01-01T01:00:01.5+01:00"),
        ("1767225600", "1767225601.5"),
    ],
)
def test_seconds_and_iso_8601_with_and_without_offset_are_read(tmp_path: Path, written: tuple[str, str]) -> None:
    seconds, bad = times(block(tmp_path, written), "time")
    assert seconds.tolist() == [NEW_YEAR, NEW_YEAR + 1.5]
    assert bad == {}


def test_a_time_that_cannot_be_read_costs_its_row_and_no_other(tmp_path: Path) -> None:
    written = ("2026-01-01T00:00:00Z", "", "yesterday", "2026-13-01T00:00:00Z", *["2026-01-01T00:00:04Z"] * 6)
    seconds, bad = times(block(tmp_path, written), "time")
    assert np.flatnonzero(np.isnan(seconds)).tolist() == [1, 2, 3]
    assert bad[1] == "'time' has no value"
    assert bad[2].startswith("'time': expected a time such as 2026-01-31T08:00:00Z, found")
    assert "yesterday" in bad[2]
    assert "2026-13-01" in bad[3]


def test_an_infinite_time_is_none(tmp_path: Path) -> None:
    _, bad = times(block(tmp_path, ("0", "1", "inf", "3")), "time")
    assert bad == {2: "'time' is infinite"}


def test_a_column_of_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'time' must hold numbers or ISO 8601 timestamps"):
        times(block(tmp_path, ("soon", "later")), "time")


def test_timestamps_of_parquet_are_read_in_any_unit_and_zone(tmp_path: Path) -> None:
    moments = [datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), None]
    for number, kind in enumerate((pa.timestamp("ns", "Europe/Berlin"), pa.timestamp("s", "UTC"), pa.timestamp("ms"))):
        file = tmp_path / f"{number}.parquet"
        parquet.write_table(pa.table({"time": pa.array(moments, kind)}), file)
        (rows,) = read_rows(resolve_sources([str(file)])[0])
        seconds, bad = times(rows, "time")
        assert seconds[0] == NEW_YEAR
        assert bad == {1: "'time' has no value"}


def test_nanoseconds_do_not_stop_reading(tmp_path: Path) -> None:
    file = tmp_path / "fine.parquet"
    parquet.write_table(pa.table({"time": pa.array([1_500_000_001], pa.timestamp("ns"))}), file)
    (rows,) = read_rows(resolve_sources([str(file)])[0])
    assert times(rows, "time")[0].tolist() == [1.5]
