import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from model.series.segments import find_segments
from model.series.windows import Windows, window_ends

SERIES = np.arange(40.0).reshape(20, 2)


def cut(length: int, stride: int = 1, broken: int = 8) -> Windows:
    usable = np.arange(20) != broken
    segments = find_segments(None, None, usable, 1.0)
    return Windows(SERIES[segments.order], window_ends(segments, length, stride), length)


def test_a_window_holds_the_steps_up_to_its_end_oldest_first() -> None:
    windows = cut(3)
    assert windows[:].shape == (len(windows), 3, 2)
    np.testing.assert_array_equal(windows[np.array([0])][0], SERIES[:3])
    np.testing.assert_array_equal(windows[:][-1], SERIES[-3:])


def test_windows_start_anew_with_each_segment_at_their_stride() -> None:
    assert cut(3, stride=2)[:][:, 0, 0].tolist() == [0, 4, 8, 18, 22, 26, 30, 34]


def test_slices_and_numbers_give_the_same_windows() -> None:
    windows = cut(4)
    np.testing.assert_array_equal(windows[2:6], windows[np.arange(2, 6)])
    np.testing.assert_array_equal(windows[np.array([5, 1])], windows[:][[5, 1]])
    assert windows[3:3].shape == (0, 4, 2)


@settings(deadline=None)
@given(st.integers(1, 21), st.integers(1, 25), st.integers(0, 19))
def test_with_a_stride_every_so_manieth_window_of_a_segment_is_left(length: int, stride: int, broken: int) -> None:
    every, some = cut(length, 1, broken), cut(length, stride, broken)
    first = [range(size)[length - 1 :: stride] for size in (broken, 19 - broken)]
    expected = [*first[0], *(broken + end for end in first[1])]
    assert some.ends.tolist() == expected
    assert set(some.ends.tolist()) <= set(every.ends.tolist())


def test_windows_hold_no_row_twice() -> None:
    windows = cut(5)
    assert windows.values.nbytes == 19 * 2 * 8
    assert windows.ends.size == len(windows)
