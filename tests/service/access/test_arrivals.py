import fcntl
import multiprocessing
import os
from pathlib import Path
from time import monotonic, sleep

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access import arrivals
from service.access.arrivals import PLACES, ROWS, Arrivals
from service.access.rate import Rate, rate_of
from tests.service.access.clock import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(arrivals, "monotonic", clock)
    return clock


def test_as_many_as_the_burst_come_at_once_and_then_one_an_interval(clock: Clock) -> None:
    table, rate = Arrivals(), Rate(10, 3)
    assert [table.arrive(7, rate, None) for _ in range(3)] == [0.0] * 3
    assert table.arrive(7, rate, None) == pytest.approx(0.1)
    clock.now += 0.1001
    assert table.arrive(7, rate, None) == 0.0
    assert table.arrive(7, rate, None) > 0.0


def test_who_is_refused_pays_nothing_for_it(clock: Clock) -> None:
    table, rate = Arrivals(), Rate(1, 1)
    table.arrive(7, rate, None)
    waits = [table.arrive(7, rate, None) for _ in range(100)]
    assert waits == [waits[0]] * 100


def test_after_a_pause_no_more_than_the_burst_comes_at_once(clock: Clock) -> None:
    table, rate = Arrivals(), Rate(10, 3)
    clock.now += 1e6
    assert sum(table.arrive(7, rate, None) == 0.0 for _ in range(10)) == 3


def test_clients_do_not_pay_for_each_other(clock: Clock) -> None:
    table, rate = Arrivals(), Rate(1, 1)
    assert [table.arrive(who, rate, None) for who in (1, 2, 1 + ROWS)] == [0.0] * 3
    assert table.arrive(2, rate, None) > 0.0


def test_samples_are_paid_for_before_the_next_request(clock: Clock) -> None:
    table, rate = Arrivals(), Rate(100, 100)
    assert table.arrive(7, None, rate) == 0.0
    table.spend(7, rate, 500)
    assert table.arrive(7, None, rate) == pytest.approx(5.0 - 0.99)
    clock.now += 4.02
    assert table.arrive(7, None, rate) == 0.0


def test_a_full_row_forgets_who_was_away_for_longest(clock: Clock) -> None:
    table, rate = Arrivals(), Rate(1, 1)
    for number in range(PLACES):
        table.arrive(1 + number * ROWS, rate, None)
        clock.now += 0.01
    table.arrive(1 + PLACES * ROWS, rate, None)
    assert table.arrive(1 + ROWS, rate, None) > 0.0
    assert table.arrive(1, rate, None) == 0.0


@given(
    per_second=st.floats(0.1, 1000),
    burst=st.integers(1, 50),
    pauses=st.lists(st.floats(0, 2), min_size=1, max_size=200),
)
def test_in_no_stretch_of_time_is_more_taken_than_burst_and_rate_allow(
    per_second: float, burst: int, pauses: list[float]
) -> None:
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrivals, "monotonic", clock)
        table, rate, taken = Arrivals(), Rate(per_second, burst), []
        for pause in pauses:
            clock.now += pause / per_second
            if table.arrive(7, rate, None) == 0.0:
                taken.append(clock.now)
    for first, start in enumerate(taken):
        for last in range(first, len(taken)):
            assert last - first + 1 <= burst + (taken[last] - start) * per_second + 1e-6


def test_a_rate_without_a_burst_allows_what_comes_in_a_second() -> None:
    assert rate_of(None) is None
    assert rate_of(20) == Rate(20, 20)
    assert rate_of(0.1) == Rate(0.1, 1)
    assert rate_of(20, 5) == Rate(20, 5)


def take_for(seconds: float, path: Path, rate: Rate) -> int:
    table, end, taken = Arrivals(path), monotonic() + seconds, 0
    while monotonic() < end:
        taken += table.arrive(7, rate, None) == 0.0
    return taken


def test_processes_share_one_rate(tmp_path: Path) -> None:
    rate = Rate(200, 10)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.starmap(take_for, [(0.0, tmp_path / "arrivals", rate)] * 2)  # both have started
        start = monotonic()
        taken = sum(pool.starmap(take_for, [(1.5, tmp_path / "arrivals", rate)] * 2, chunksize=1))
        most = rate.burst + (monotonic() - start) * rate.per_second + 1
    assert 0.8 * 300 <= taken <= most


def test_due_times_outlive_the_process_that_wrote_them(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(take_for, (0.05, tmp_path / "arrivals", Rate(0.01, 1)))
    assert Arrivals(tmp_path / "arrivals").arrive(7, Rate(0.01, 1), None) > 90


def test_a_process_that_is_stopped_with_the_lock_does_not_stop_the_others(tmp_path: Path) -> None:
    table = Arrivals(tmp_path / "arrivals")
    holder = os.open(tmp_path / "arrivals", os.O_RDWR)
    fcntl.flock(holder, fcntl.LOCK_EX)
    start = monotonic()
    assert table.arrive(7, Rate(1, 1), None) == 0.0
    assert table.arrive(7, Rate(1, 1), None) > 0.0
    assert monotonic() - start < 1
    os.close(holder)


def test_a_rate_is_that_of_the_clock(tmp_path: Path) -> None:
    table, rate = Arrivals(tmp_path / "arrivals"), Rate(20, 1)
    assert table.arrive(7, rate, None) == 0.0
    wait = table.arrive(7, rate, None)
    assert 0.0 < wait <= 0.05
    sleep(wait + 0.001)
    assert table.arrive(7, rate, None) == 0.0
