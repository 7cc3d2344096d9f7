"""CSV as factories write it, and as they should not."""

from pathlib import Path

import numpy as np
import pytest

from model.errors import InputError
from model.tables.csv_dialect import csv_dialect
from model.tables.csv_file import BLOCK_BYTES
from model.tables.rows import Rows
from model.tables.sources import Source, resolve_sources
from model.tables.table import read_rows


def _source(folder: Path, content: str | bytes) -> Source:
    file = folder / "data.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return resolve_sources([str(file)])[0]


def _read(folder: Path, content: str | bytes) -> Rows:
    (rows,) = read_rows(_source(folder, content))
    return rows


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_delimiter_line_ends_and_byte_order_mark_are_found(
    tmp_path: Path, delimiter: str, line_end: str, mark: str
) -> None:
    lines = [delimiter.join(cells) for cells in (["id", "flow", "level"], ["x", "1.5", "2"], ["y", "-3e2", "4"])]
    rows = _read(tmp_path, mark + line_end.join(lines))
    assert rows.columns.to_pydict() == {"id": ["x", "y"], "flow": ["1.5", "-3e2"], "level": ["2", "4"]}


def test_quoted_cells_may_hold_delimiters_quotes_and_line_ends(tmp_path: Path) -> None:
    rows = _read(tmp_path, 'note,"flow, m3/h"\n"a, ""b""\nc",1\n')
    assert rows.columns.to_pydict() == {"note": ['a, "b"\nc'], "flow, m3/h": ["1"]}


def test_commas_in_units_do_not_hide_the_delimiter(tmp_path: Path) -> None:
    assert csv_dialect(_source(tmp_path, "t;flow, m3/h;level, m\nx;1;2\n")).names == ("t", "flow, m3/h", "level, m")


def test_a_ragged_record_keeps_its_place_with_its_reason(tmp_path: Path) -> None:
    rows = _read(tmp_path, "a,b\n1,2\n3\n4,5,6\n7,8\n9\n")
    assert rows.columns.column("a").to_pylist() == ["1", None, None, "7", None]
    assert rows.rejects == {
        1: "unreadable_row: expected 2 cells, found 1",
        2: "unreadable_row: expected 2 cells, found 3",
        4: "unreadable_row: expected 2 cells, found 1",
    }


def test_ragged_records_keep_their_places_across_blocks(tmp_path: Path) -> None:
    ragged = set(np.random.default_rng(0).choice(400_000, 1000, replace=False).tolist()) | set(range(100, 300)) | {0}
    lines = ["no" if i in ragged else f"{i},{'x' * (i % 17)}" for i in range(400_000)]
    found, blocks, next_row = [], 0, 1
    for rows in read_rows(_source(tmp_path, "\n".join(["row,pad", *lines]))):
        assert rows.first_row == next_row
        assert set(np.flatnonzero(rows.columns.column("row").is_null())) == set(rows.rejects)
        found += rows.columns.column("row").to_pylist()
        next_row += len(rows)
        blocks += 1
    assert blocks > 3
    assert found == [None if i in ragged else str(i) for i in range(400_000)]


def test_a_file_of_nothing_but_ragged_records_is_all_rejected(tmp_path: Path) -> None:
    rows = _read(tmp_path, "a,b\n1\n2\n3\n")
    assert len(rows) == 3
    assert set(rows.rejects) == {0, 1, 2}


def test_too_many_ragged_records_on_end_are_a_fault_of_the_file(tmp_path: Path) -> None:
    source = _source(tmp_path, "a,b\n" + "1,2,3\n" * 150_000)
    with pytest.raises(InputError, match="Expected 2 columns, got 3"):
        list(read_rows(source))


def test_blank_lines_are_no_records_where_there_are_several_columns(tmp_path: Path) -> None:
    rows = _read(tmp_path, "a,b\n\n1,2\n\n\n3\n4,5\n\n")
    assert rows.columns.column("a").to_pylist() == ["1", None, "4"]


def test_a_blank_line_is_a_missing_value_where_there_is_one_column(tmp_path: Path) -> None:
    x, unreadable = _read(tmp_path, "a\n1\n\n3\n").numbers(["a"])
    np.testing.assert_array_equal(x[:, 0], [1, np.nan, 3])
    assert unreadable == {}


@pytest.mark.parametrize("cells", ["1,5;2", "1234,567;2", "0,001;x", ",5;1e3"])
def test_a_decimal_comma_is_read_where_it_is_beyond_doubt(tmp_path: Path, cells: str) -> None:
    rows = _read(tmp_path, f"flow;note\n{cells}\n")
    assert rows.numbers(["flow"])[0][0, 0] == float(cells.split(";")[0].replace(",", "."))


@pytest.mark.parametrize(
    "lines",
    [
        ["1,234;2", "5,678;3"],  # thousands, or three decimals?
        ["1,5;2.5"],
        ["1,5;2", "3;4.25"],
    ],
)
def test_a_decimal_comma_in_doubt_makes_the_row_unreadable(tmp_path: Path, lines: list[str]) -> None:
    _, unreadable = _read(tmp_path, "\n".join(["flow;level", *lines])).numbers(["flow", "level"])
    assert unreadable[0] == f"not_a_number: 'flow' is '{lines[0].split(';')[0]}', expected a number"


def test_a_point_among_decimal_commas_makes_the_row_unreadable(tmp_path: Path) -> None:
    far_below = "0,5\n" * (BLOCK_BYTES // 4) + "1.234\n"
    last = list(read_rows(_source(tmp_path, "t;flow\n" + far_below.replace("\n", ";1\n").replace("t;flow\n", ""))))[-1]
    x, unreadable = last.numbers(["t"])
    assert x[0, 0] == 0.5
    assert unreadable == {len(last) - 1: "not_a_number: 't' is '1.234', expected a number"}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "expected a header and records, found an empty file"),
        (b"\r\na,b\n1,2\n", "expected a header in the first line, found a blank one"),
        (b"a,b\n", "expected at least one row, found none"),
        (b"a,b", "expected records below the header, found none"),
        (b"\0" * 4096, "expected UTF-8 text, found a NUL byte at offset 0"),
        ("Temp,Füllstand\n1,2\n".encode("latin-1"), "found byte 0xfc at offset 6; save the file as UTF-8"),
        ("a;b\n1;2\n".encode("utf-16"), "found byte 0xff at offset 0; save the file as UTF-8"),
        (b"a,b\n" + b"1,2\n" * BLOCK_BYTES + b"\xfc,2\n", "expected UTF-8 text; save the file as UTF-8 .*Row #1048578"),
        (b"a" * (BLOCK_BYTES + 1), "found no line end in the first 1,048,576 bytes"),
        (b"a,b\n1,2\n" + b'"3,4\n' + b"5,6\n" * BLOCK_BYTES, "a record is longer than 1,048,576 bytes; is a quote not"),
        (b'a,b\n1,2\n3,"4\n5,6\n7,8\n', "the last record runs over 3 lines; a quote is not closed"),
        (b"a," + b"b" * 200_000 + b"\n1,2\n", "the header cannot be read: field larger than field limit"),
        (
            b"7.995271879065856,-1e-3,.5\n8,1,2\n",
            "expected a header with column names, found numbers: '7.9952718790658",
        ),
        (b"7,99;1.5e3\n8,1;2\n", "expected a header with column names, found numbers: '7,99'"),
        (b"a,,c\n1,2,3\n", "column 2 of 3 has no name"),
        (b"a,b, a\n1,2,3\n", "column names must differ, found more than once: 'a'"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path, content: bytes, complaint: str) -> None:
    source = _source(tmp_path, content)
    with pytest.raises(InputError, match=f"data.csv: .*{complaint}"):
        list(read_rows(source))


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["7,8,9", '7",8,9,10'])
def test_a_quote_that_joins_records_is_refused_with_the_row_where_it_opens(
    tmp_path: Path, line_end: str, last: str
) -> None:
    source = _source(tmp_path, line_end.join(["a,b,c", "1,2,3", '4,"5', last, ""]))
    with pytest.raises(InputError, match="data.csv: row 2 runs over 2 lines, expected 3 cells, .*; a quote is not clo"):
        list(read_rows(source))


def test_a_quote_that_joins_records_far_below_is_refused_with_its_row(tmp_path: Path) -> None:
    lines = ["1,2,3"] * 300_000
    lines[280_000], lines[280_100] = '1,"2,3', '1",2,3'
    with pytest.raises(InputError, match="row 280001 runs over 101 lines"):
        list(read_rows(_source(tmp_path, "\n".join(["a,b,c", *lines]))))


def test_joined_records_of_the_right_width_are_refused_where_a_number_is_expected(tmp_path: Path) -> None:
    rows = _read(tmp_path, 'a,b,c\n1,2,3\n4,"5,6\n7,8,9\n1,2",3\n')
    with pytest.raises(InputError, match="data.csv: row 2: 'b' runs over 3 lines, expected a number; a quote is not"):
        rows.numbers(["a", "b", "c"])
