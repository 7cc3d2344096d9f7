"""Windows are cut only where rows follow each other."""

import numpy as np

from training.windows.consecutive import consecutive_windows

SERIES = np.arange(20.0).reshape(10, 2)


def test_windows_of_all_rows_are_every_stretch_of_the_length() -> None:
    windows = consecutive_windows(SERIES, np.arange(10), 4)
    assert len(windows) == 7
    np.testing.assert_array_equal(windows[:], [SERIES[start : start + 4] for start in range(7)])
    np.testing.assert_array_equal(windows[np.array([6, 0])], [SERIES[6:], SERIES[:4]])


def test_no_window_bridges_rows_that_are_left_out() -> None:
    windows = consecutive_windows(SERIES, np.array([0, 1, 2, 5, 6, 7, 8]), 3)
    np.testing.assert_array_equal(windows[:][:, 0], SERIES[[0, 5, 6]])


def test_fewer_rows_than_a_window_make_none() -> None:
    assert len(consecutive_windows(SERIES, np.arange(2), 4)) == 0
