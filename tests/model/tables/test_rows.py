"""Numbers from cells: a number, missing, or the row cannot be read."""

import datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import fs

from model.tables.rows import Rows
from model.tables.sources import Source

SOURCE = Source("data.csv", "data.csv", fs.LocalFileSystem())


def _rows(decimal_mark: str = ".", **columns: pa.Array) -> Rows:
    return Rows(SOURCE, 1, pa.RecordBatch.from_pydict(columns), {}, decimal_mark)


def _number(cell: str, decimal_mark: str = ".") -> tuple[float, bool]:
    x, unreadable = _rows(decimal_mark, a=pa.array([cell])).numbers(["a"])
    return x[0, 0], bool(unreadable)


@given(st.floats())
def test_every_float_written_as_text_is_read_back_to_the_bit(value: float) -> None:
    np.testing.assert_equal(_number(repr(value)), (value, False))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_written_with_a_decimal_comma_is_read_back_to_the_bit(value: float) -> None:
    assert _number(repr(value).replace(".", ","), ",") == (value, False)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_the_same_beside_bad_cells(value: float) -> None:
    x, _ = _rows(a=pa.array([repr(value), "bad"])).numbers(["a"])
    assert x[0, 0] == value


@pytest.mark.parametrize("cell", [" 1.5 ", "+1.5", "1.50", "1.5e0", ".15E1", "01.5"])
def test_the_usual_ways_to_write_a_number_are_read(cell: str) -> None:
    assert _number(cell) == (1.5, False)


@pytest.mark.parametrize("cell", ["inf", "-inf", "Infinity", " +INF "])
def test_infinities_are_numbers(cell: str) -> None:
    assert _number(cell) == (-np.inf if "-" in cell else np.inf, False)


@pytest.mark.parametrize("cell", ["", "  ", "NA", "n/a", "NaN", "nan", "NULL", "None", "#N/A"])
def test_the_usual_ways_to_leave_a_value_out_are_missing_not_unreadable(cell: str) -> None:
    np.testing.assert_equal(_number(cell), (np.nan, False))


@pytest.mark.parametrize(
    "cell", ["err", "1,5", "1.2.3", "0x1F", "1_000", "1e", "-", "true", "2024-01-01", "1.5 bar", "\0"]
)
def test_any_other_text_is_unreadable_and_never_a_number(cell: str) -> None:
    np.testing.assert_equal(_number(cell), (np.nan, True))


def test_columns_are_taken_in_the_order_asked_for() -> None:
    x, _ = _rows(a=pa.array(["1"]), b=pa.array(["2"]), c=pa.array(["3"])).numbers(["c", "a"])
    assert x.tolist() == [[3, 1]]


def test_the_reason_names_the_first_bad_column_and_what_stands_there() -> None:
    rows = _rows(a=pa.array(["1", "2"]), b=pa.array(["1", "off\n"]), c=pa.array(["1", "?"]))
    assert rows.numbers(["a", "b", "c"])[1] == {1: "not_a_number: 'b' is 'off\\n', expected a number"}


def test_a_long_cell_is_shortened_in_its_reason() -> None:
    _, unreadable = _rows(a=pa.array(["x" * 100_000])).numbers(["a"])
    assert len(unreadable[0]) < 300


def test_the_reason_of_a_rejected_row_wins() -> None:
    rows = Rows(
        SOURCE, 1, pa.RecordBatch.from_pydict({"a": pa.array([None, "x"], pa.string())}), {0: "unreadable_row: x"}
    )
    x, unreadable = rows.numbers(["a"])
    assert np.isnan(x).all()
    assert unreadable[0] == "unreadable_row: x"


@pytest.mark.parametrize(
    "values",
    [
        pa.array([1, None], pa.int8()),
        pa.array([1, None], pa.uint64()),
        pa.array([1, None], pa.float16()),
        pa.array([1, None], pa.float32()),
        pa.array([Decimal("1.00"), None], pa.decimal128(5, 2)),
        pa.array(["1", None], pa.large_string()),
        pa.array(["1", ""], pa.string_view()),
        pa.array(["1", "NA"]).dictionary_encode(),
        pa.array([1.0, None]).dictionary_encode(),
    ],
    ids=lambda values: str(values.type),
)
def test_numbers_and_texts_of_any_width_are_read_and_nulls_are_missing(values: pa.Array) -> None:
    x, unreadable = _rows(a=values).numbers(["a"])
    np.testing.assert_array_equal(x[:, 0], [1, np.nan])
    assert unreadable == {}


def test_a_column_of_nulls_is_missing_throughout() -> None:
    x, unreadable = _rows(a=pa.nulls(2)).numbers(["a"])
    assert np.isnan(x).all()
    assert unreadable == {}


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (pa.array([None, True]), "True"),
        (pa.array([None, datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC)]), "'2024-01-02 00:00:00+00:00'"),
        (pa.array([None, [1.0]]), "'[1.0]'"),
    ],
    ids=["bool", "timestamp", "list"],
)
def test_values_that_are_no_numbers_are_unreadable_and_nulls_are_missing(values: pa.Array, shown: str) -> None:
    x, unreadable = _rows(a=values).numbers(["a"])
    assert np.isnan(x).all()
    assert unreadable == {1: f"not_a_number: 'a' is {shown}, expected a number"}
