import asyncio
import sys
import threading
import time
from functools import partial
from math import inf
from time import perf_counter

import pytest

from service.errors import DeadlineError, OverloadedError
from service.hot_path.jobs import Jobs


def test_work_is_done_by_another_thread() -> None:
    async def ask() -> str:
        return await Jobs(1, 1.0).do(lambda: threading.current_thread().name, perf_counter() + 9)

    assert asyncio.run(ask()) != threading.current_thread().name


def test_what_comes_too_late_is_not_done() -> None:
    done: list[int] = []

    async def ask() -> None:
        jobs, free = Jobs(1, 10.0), threading.Event()
        first = asyncio.ensure_future(jobs.do(free.wait, perf_counter() + 9))
        late = asyncio.ensure_future(jobs.do(lambda: done.append(1), perf_counter() + 0.01))
        await asyncio.sleep(0.05)
        free.set()
        await first
        with pytest.raises(DeadlineError):
            await late

    asyncio.run(ask())
    assert done == []


def test_whoever_comes_is_sent_away_once_the_first_has_waited_too_long() -> None:
    async def ask() -> None:
        jobs, free = Jobs(1, 0.02), threading.Event()
        tasks = [asyncio.ensure_future(jobs.do(free.wait, perf_counter() + 9)) for _ in range(3)]
        await asyncio.sleep(0.05)
        with pytest.raises(OverloadedError):
            await jobs.do(free.wait, perf_counter() + 9)
        free.set()
        await asyncio.gather(*tasks)
        jobs.admit()

    asyncio.run(ask())


def test_who_could_not_be_served_in_time_is_sent_away() -> None:
    async def ask() -> None:
        jobs, free = Jobs(1, 10.0), threading.Event()
        jobs.admit(perf_counter() + 0.01)  # nobody waits
        tasks = [asyncio.ensure_future(jobs.do(free.wait, perf_counter() + 9)) for _ in range(2)]
        await asyncio.sleep(0.2)
        with pytest.raises(OverloadedError, match="about as long as this one may"):
            await jobs.do(free.wait, perf_counter() + 0.1)
        jobs.admit(perf_counter() + 9)
        free.set()
        await asyncio.gather(*tasks)

    asyncio.run(ask())


def test_what_the_work_raises_comes_back() -> None:
    async def ask() -> None:
        with pytest.raises(ZeroDivisionError):
            await Jobs(1, 1.0).do(lambda: 1 // 0, perf_counter() + 9)

    asyncio.run(ask())


def test_whoever_comes_while_threads_take_up_work_is_let_in() -> None:
    async def ask() -> list[int]:
        jobs = Jobs(2, 60.0)
        return await asyncio.gather(*[jobs.do(partial(int, number), inf) for number in range(2_000)])

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        assert asyncio.run(ask()) == [*range(2_000)]
    finally:
        sys.setswitchinterval(before)


def test_who_comes_to_a_line_that_grows_faster_than_it_moves_is_sent_away() -> None:
    async def ask() -> None:
        jobs = Jobs(1, 1.0)
        tasks = [asyncio.ensure_future(jobs.do(partial(time.sleep, 0.05), inf)) for _ in range(60)]  # 3 s of work
        await asyncio.sleep(0.4)  # none has waited for as long as a second
        with pytest.raises(OverloadedError, match="more than 1 s"):
            jobs.admit()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(ask())


def test_who_gives_up_says_nothing_of_how_fast_the_line_moves() -> None:
    async def ask() -> None:
        jobs = Jobs(1, 1.0)
        tasks = [asyncio.ensure_future(jobs.do(partial(time.sleep, 0.05), inf)) for _ in range(120)]  # 6 s of work
        await asyncio.sleep(0.3)
        for task in tasks[60:]:
            task.cancel()
        await asyncio.sleep(0.1)
        with pytest.raises(OverloadedError, match="more than 1 s"):  # 3 s are left
            jobs.admit()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(ask())
