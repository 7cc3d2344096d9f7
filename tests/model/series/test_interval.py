import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import InputError
from model.series.interval import JITTER, find_interval, require_interval


@settings(deadline=None)
@given(st.floats(0.01, 3600), st.integers(0, 1000), st.integers(30, 200))
def test_the_interval_is_found_under_jitter_gaps_disorder_and_repeats(interval: float, seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    steps = 1 + rng.uniform(-JITTER / 3, JITTER / 3, count)
    steps[rng.choice(count, count // 10, replace=False)] = 50
    time = 1.7e9 + interval * np.cumsum(steps)
    time = rng.permutation(np.append(time, time[:3]))
    assert find_interval(time, None) == pytest.approx(interval, rel=JITTER)


def test_groups_whose_rows_alternate_have_each_their_own_clock() -> None:
    time = np.repeat(np.arange(0, 300, 10.0), 2) + np.tile([0.0, 3.0], 30)
    assert find_interval(time, np.tile(["a", "b"], 30)) == 10.0


def test_rows_at_irregular_times_are_refused_with_what_was_found() -> None:
    time = np.cumsum(np.random.default_rng(0).exponential(5, 200))
    with pytest.raises(
        InputError, match=r"steady interval.*median is [\d.]+ s, and \d+% of the steps .* expected at least 80%"
    ):
        find_interval(time, None)


def test_a_time_that_stands_still_is_refused() -> None:
    with pytest.raises(InputError, match="never moves on"):
        find_interval(np.zeros(5), None)
    with pytest.raises(InputError, match="never moves on"):
        find_interval(np.array([1.0, 2.0]), np.array(["a", "b"]))


def test_rows_faster_than_the_interval_are_refused() -> None:
    with pytest.raises(InputError, match=r"expected rows 1 s apart, found 100% .* \(the median is 0.1 s\)"):
        require_interval(np.linspace(0, 9.9, 100), None, 1.0)


def test_rows_at_the_interval_and_gaps_between_them_are_not() -> None:
    require_interval(np.cumsum(np.tile([1.0, 1.0, 50.0], 20)), None, 1.0)
    require_interval(np.array([5.0]), None, 1.0)
