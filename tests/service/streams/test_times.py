import numpy as np
import pytest

from service.streams.times import iso, read_times


def test_seconds_and_iso_8601_are_the_same_time() -> None:
    seconds, unreadable = read_times([0, 1.5, "1970-01-01T00:00:01.5Z", "1970-01-01T02:00:01.5+02:00", "1970-01-01"])
    assert seconds.tolist() == [0.0, 1.5, 1.5, 1.5, 0.0]
    assert unreadable == {}


@pytest.mark.parametrize("time", [None, True, "noon", "", [], {}, float("nan"), float("inf"), "9" * 500])
def test_what_is_no_time_makes_its_own_row_unreadable(time: object) -> None:
    seconds, unreadable = read_times([1.0, time])
    assert np.isnan(seconds).tolist() == [False, True]
    assert unreadable[1].startswith("unreadable_time: expected seconds or ISO 8601, found ")
    assert len(unreadable[1]) < 250


def test_the_first_and_last_times_there_are_can_be_read() -> None:
    seconds, unreadable = read_times(["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", 1e300])
    assert np.isfinite(seconds).all()
    assert unreadable == {}


def test_times_of_ours_are_written_in_utc() -> None:
    assert iso(0.0625) == "1970-01-01T00:00:00.062+00:00"
    assert iso(None) is None
