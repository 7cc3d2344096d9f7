"""Rows that arrive in pieces complete the same windows as rows that lie there."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.series.row_window import RowWindow
from model.series.segments import find_segments

LENGTH, LONGEST = 4, 15.0
EMPTY = RowWindow(np.empty((0, 2)))


def rows(count: int, start: int = 0) -> NDArray[np.float64]:
    return np.arange(2.0 * start, 2.0 * (start + count)).reshape(count, 2)


def codes(reasons: dict[int, str]) -> dict[int, str]:
    return {row: reason.partition(":")[0] for row, reason in reasons.items()}


@given(st.lists(st.booleans(), max_size=40), st.lists(st.integers(1, 9), min_size=1, max_size=10), st.integers(1, 6))
def test_windows_are_those_of_the_whole_series_however_it_is_cut(
    valid: list[bool], cuts: list[int], length: int
) -> None:
    x = rows(len(valid))
    expected = [end for end in range(length - 1, len(valid)) if all(valid[end - length + 1 : end + 1])]
    window, found, start = EMPTY, [], 0
    for size in np.resize(cuts, len(valid)).tolist():
        part = x[start : start + size]
        invalid = {row: "missing_value: x" for row in range(len(part)) if not valid[start + row]}
        arrived = window.take(part, None, invalid, length, None)
        assert set(arrived.ready) | set(arrived.reasons) == set(range(len(part)))
        if arrived.ready:
            windows = arrived.windows(slice(None), length)
            for row, window_ in zip(arrived.ready, windows, strict=True):
                np.testing.assert_array_equal(window_, x[start + row - length + 1 : start + row + 1])
        found += [start + row for row in arrived.ready]
        window, start = arrived.window, start + size
        assert len(window.rows) <= length
    assert found == expected


def test_before_a_window_is_full_the_reason_counts_its_rows() -> None:
    arrived = EMPTY.take(rows(4), None, {}, LENGTH, None)
    assert arrived.reasons == {row: f"incomplete_window: row {row + 1} of 4" for row in range(3)}
    assert arrived.ready == (3,)


def test_rows_out_of_order_or_repeated_are_passed_over_and_break_nothing() -> None:
    times = np.array([0.0, 10.0, 10.0, 5.0, 20.0, 30.0])
    arrived = EMPTY.take(rows(6), times, {}, LENGTH, LONGEST)
    assert codes(arrived.reasons) == {
        0: "incomplete_window",
        1: "incomplete_window",
        2: "duplicate_time",
        3: "out_of_order",
        4: "incomplete_window",
    }
    assert arrived.ready == (5,)
    np.testing.assert_array_equal(arrived.windows(slice(None), LENGTH)[0], rows(6)[[0, 1, 4, 5]])
    later = arrived.window.take(rows(1), np.array([30.0]), {}, LENGTH, LONGEST)
    assert codes(later.reasons) == {0: "duplicate_time"}
    assert later.window.last_time == 30.0


def test_a_gap_begins_a_new_window_and_is_told() -> None:
    times = np.array([0.0, 10.0, 25.0, 40.1, 43.0, 53.0])
    arrived = EMPTY.take(rows(6), times, {}, 2, LONGEST)
    assert arrived.ready == (1, 2, 4, 5)
    assert arrived.gaps == {3: "15.1 s after the row before, at most 15 s join on: a new window begins"}


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60), st.integers(1, 5))
def test_windows_are_those_that_a_file_of_the_same_rows_is_cut_into(steps: list[int], length: int) -> None:
    times = np.cumsum(np.array(steps, dtype=np.float64))
    segments = find_segments(times, None, np.ones(times.size, dtype=bool), LONGEST)
    cut = [
        start + place
        for start, size in zip(segments.starts.tolist(), segments.lengths.tolist(), strict=True)
        for place in range(length - 1, size)
    ]
    arrived = EMPTY.take(rows(times.size), times, {}, length, LONGEST)
    assert list(arrived.ready) == cut
    assert list(arrived.gaps) == segments.after_gap.tolist()


def test_without_a_longest_step_only_the_order_counts() -> None:
    arrived = EMPTY.take(rows(3), np.array([0.0, 1.0, 1000.0]), {}, 2, None)
    assert (arrived.ready, arrived.gaps) == ((1, 2), {})


def test_a_row_whose_time_cannot_be_read_breaks_the_window() -> None:
    times = np.array([0.0, np.nan, 20.0, 30.0])
    arrived = EMPTY.take(rows(4), times, {1: "unreadable_time: x"}, 2, LONGEST)
    assert codes(arrived.reasons) == {0: "incomplete_window", 1: "unreadable_time", 2: "incomplete_window"}
    assert arrived.ready == (3,)
