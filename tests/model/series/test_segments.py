"""Whatever the order, gaps and faults of rows: a window holds what followed each other in time, and every one is there."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.series.segments import Segments, find_segments
from model.series.windows import window_ends

LONGEST = 1.5
Drawn = tuple[NDArray[np.float64], NDArray[np.str_], NDArray[np.bool_]]


@st.composite
def rows(draw: st.DrawFn) -> Drawn:
    """Rows of up to three groups, in any order, with gaps, repeated times, jitter and rows that cannot be used."""
    count = draw(st.integers(1, 60))
    ticks = draw(st.lists(st.integers(0, 40), min_size=count, max_size=count))
    jitter = draw(st.lists(st.sampled_from([0.0, 0.0, 0.2, -0.2]), min_size=count, max_size=count))
    groups = draw(st.lists(st.sampled_from(["mill", "pump", "fan"]), min_size=count, max_size=count))
    usable = draw(st.lists(st.sampled_from([True, True, True, True, False]), min_size=count, max_size=count))
    return np.array(ticks) + np.array(jitter), np.array(groups), np.array(usable)


def windows_of(segments: Segments, length: int) -> list[tuple[int, ...]]:
    ends = window_ends(segments, length).tolist()
    return [tuple(segments.order[end - length + 1 : end + 1].tolist()) for end in ends]


def expected_windows(
    time: NDArray[np.float64], group: NDArray[np.str_], usable: NDArray[np.bool_], length: int
) -> set[tuple[int, ...]]:
    """Walk through each group row by row, as one would by hand."""
    found = set()
    for name in set(group.tolist()):
        members = sorted(np.flatnonzero(group == name).tolist(), key=lambda row: (time[row], row))
        run: list[int] = []
        last = None
        for row in members:
            if last is not None and time[row] == last:
                continue
            if last is not None and time[row] - last > LONGEST:
                run = []
            last = time[row]
            run = [*run, row] if usable[row] else []
            if len(run) >= length:
                found.add(tuple(run[-length:]))
    return found


@settings(deadline=None)
@given(rows(), st.integers(1, 6))
def test_every_whole_window_is_there_once_and_no_other(drawn: Drawn, length: int) -> None:
    time, group, usable = drawn
    found = windows_of(find_segments(time, group, usable, LONGEST), length)
    assert len(found) == len(set(found))
    assert set(found) == expected_windows(time, group, usable, length)


@settings(deadline=None)
@given(rows(), st.integers(2, 6))
def test_no_window_holds_two_groups_a_gap_disorder_or_an_unusable_row(drawn: Drawn, length: int) -> None:
    time, group, usable = drawn
    for window in windows_of(find_segments(time, group, usable, LONGEST), length):
        steps = np.diff(time[list(window)])
        assert len(set(group[list(window)].tolist())) == 1
        assert usable[list(window)].all()
        assert (steps > 0).all()
        assert (steps <= LONGEST).all()


@settings(deadline=None)
@given(rows())
def test_every_row_is_kept_or_accounted_for(drawn: Drawn) -> None:
    time, group, usable = drawn
    segments = find_segments(time, group, usable, LONGEST)
    left_out = set(np.flatnonzero(~usable).tolist()) | set(segments.repeated.tolist())
    assert set(segments.order.tolist()) == set(range(time.size)) - left_out
    assert segments.lengths.sum() == segments.order.size == segments.of_position().size


@settings(deadline=None)
@given(rows(), st.integers(0, 1000))
def test_the_order_in_the_file_does_not_matter(drawn: Drawn, seed: int) -> None:
    time, group, usable = drawn
    _, first = np.unique(np.char.add(np.char.add(group, "/"), time.astype(np.str_)), return_index=True)
    time, group, usable = time[first], group[first], usable[first]  # without rows that repeat a time
    shuffled = np.random.default_rng(seed).permutation(time.size)
    one = windows_of(find_segments(time, group, usable, LONGEST), 3)
    other = windows_of(find_segments(time[shuffled], group[shuffled], usable[shuffled], LONGEST), 3)
    assert set(one) == {tuple(shuffled[list(window)].tolist()) for window in other}


@settings(deadline=None)
@given(rows(), st.integers(1, 6))
def test_without_times_the_rows_of_a_group_follow_each_other_as_they_stand(drawn: Drawn, length: int) -> None:
    _, group, usable = drawn
    ordinal = np.array([(group[:row] == group[row]).sum() for row in range(group.size)]).astype(np.float64)
    found = windows_of(find_segments(None, group, usable, 0.1), length)
    assert set(found) == expected_windows(ordinal, group, usable, length)


def test_groups_come_in_the_order_of_their_first_row_in_time() -> None:
    time = np.array([30.0, 31.0, 10.0, 11.0, 20.0, 21.0])
    group = np.array(["run 1", "run 1", "run 10", "run 10", "run 2", "run 2"])
    segments = find_segments(time, group, np.ones(6, dtype=bool), LONGEST)
    assert segments.order.tolist() == [2, 3, 4, 5, 0, 1]


def test_gaps_repeats_and_late_rows_are_named() -> None:
    time = np.array([0.0, 1.0, 1.0, 5.0, 6.0, 2.0])
    segments = find_segments(time, None, np.ones(6, dtype=bool), LONGEST)
    assert segments.order.tolist() == [0, 1, 5, 3, 4]
    assert segments.lengths.tolist() == [3, 2]
    assert segments.repeated.tolist() == [2]
    assert segments.after_gap.tolist() == [3]
    assert segments.late.tolist() == [5]


def test_rows_that_all_cannot_be_used_make_no_segment() -> None:
    segments = find_segments(np.arange(3.0), None, np.zeros(3, dtype=bool), LONGEST)
    assert segments.order.size == segments.starts.size == 0
    assert window_ends(segments, 2).size == 0
