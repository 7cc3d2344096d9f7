"""Only windows whose every step is among the rows are kept."""

import numpy as np

from model.series.segments import find_segments
from model.series.windows import Windows, window_ends
from training.windows.within import windows_within

SERIES = np.arange(20.0).reshape(10, 2)


def every(length: int) -> Windows:
    return Windows(SERIES, np.arange(length - 1, 10), length)


def test_all_rows_keep_every_window() -> None:
    kept = windows_within(every(4), np.arange(10))
    np.testing.assert_array_equal(kept[:], every(4)[:])


def test_a_window_over_a_row_that_is_left_out_is_left_out() -> None:
    kept = windows_within(every(3), np.array([0, 1, 2, 5, 6, 7, 8]))
    assert kept.ends.tolist() == [2, 7, 8]


def test_fewer_rows_than_a_window_keep_none() -> None:
    assert len(windows_within(every(4), np.arange(2))) == 0


def test_windows_keep_clear_of_gaps_between_segments() -> None:
    time = np.array([0.0, 1, 2, 3, 4, 50, 51, 52, 53, 54])
    segments = find_segments(time, None, np.ones(10, dtype=bool), 1.0)
    windows = Windows(SERIES, window_ends(segments, 3), 3)
    assert windows_within(windows, np.arange(2, 10)).ends.tolist() == [4, 7, 8, 9]
