"""Requests that wait are scored together, in turn, in time, or told why not."""

import asyncio
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry

from model.scorer import Scorer, Scores
from service.errors import DeadlineError, OverloadedError
from service.hot_path.dispatcher import Dispatcher
from service.hot_path.line import Batch, Waiting
from service.limits import QueueBounds
from service.metrics import Metrics
from service.registry.models import ServedModel
from service.registry.slot import Loaded
from service.tally import Tally
from tests.samples import clean_rows

LATER = 60.0


class Watched(Scorer):
    """A scorer that keeps which batches it was given, and can be made to fail or to take its time."""

    def __init__(self, model: ServedModel) -> None:
        self.__dict__.update(model.scorer.__dict__)
        self.batches: list[int] = []
        self.error: Exception | None = None
        self.seconds = self.rest = 0.0
        self.threads: set[str] = set()

    def score(self, x: NDArray[Any], unreadable: Mapping[int, str] | None = None) -> Scores:
        self.batches.append(len(x))
        self.threads.add(threading.current_thread().name)
        time.sleep(self.rest)
        until = perf_counter() + self.seconds
        while perf_counter() < until:
            pass
        if self.error is not None:
            raise self.error
        return super().score(x, unreadable or {})


def watched(model: ServedModel, name: str = "pump", seconds: float = 0.0) -> tuple[ServedModel, Watched]:
    scorer = Watched(model)
    scorer.seconds = seconds
    manifest = model.manifest.model_copy(update={"name": name})
    return replace(ServedModel.of(Loaded(scorer)), manifest=manifest, digest=name), scorer


def dispatcher(bounds: QueueBounds | None = None) -> Dispatcher:
    return Dispatcher(bounds or QueueBounds(), Tally(Metrics(CollectorRegistry())))


async def score(queue: Dispatcher, model: ServedModel, x: NDArray[np.float64], seconds: float = LATER) -> Scores:
    return await queue.score(model, x, {}, perf_counter() + seconds)


def test_requests_that_wait_are_scored_in_one_run_and_each_gets_its_own(pump: ServedModel) -> None:
    x = clean_rows(90)
    parts = [x[:1], x[1:31], x[31:90]]

    async def ask() -> list[Scores]:
        queue = dispatcher()
        model, scorer = watched(pump)
        await score(queue, model, x)  # from here on its pace is known
        scorer.batches.clear()
        found = await asyncio.gather(*(score(queue, model, part) for part in parts))
        assert scorer.batches == [90]
        return found

    found = asyncio.run(ask())
    alone = [pump.scorer.score(part) for part in parts]
    for together, expected in zip(found, alone, strict=True):
        np.testing.assert_array_equal(together.score, expected.score)
        np.testing.assert_array_equal(together.p_value, expected.p_value)
        np.testing.assert_array_equal(together.verdict, expected.verdict)


def test_a_bad_sample_stays_with_the_request_that_sent_it(pump: ServedModel) -> None:
    x = clean_rows(3)
    bad = x.copy()
    bad[1, 2] = np.nan

    async def ask() -> tuple[Scores, Scores, Scores]:
        queue = dispatcher()
        return await asyncio.gather(
            score(queue, pump, x),
            score(queue, pump, bad),
            queue.score(pump, x, {0: "not_a_number: x"}, perf_counter() + 9),
        )

    good, faulty, unreadable = asyncio.run(ask())
    assert dict(good.reasons) == {}
    assert [*faulty.reasons] == [1]
    assert dict(unreadable.reasons) == {0: "not_a_number: x"}


def test_no_run_has_more_rows_than_fit_and_none_is_lost(pump: ServedModel) -> None:
    async def ask() -> list[int]:
        queue = dispatcher()
        model, scorer = watched(pump)
        x = clean_rows(200)
        found = await asyncio.gather(*(score(queue, model, x) for _ in range(7)))
        assert [len(scores.score) for scores in found] == [200] * 7
        return scorer.batches

    batches = asyncio.run(ask())
    assert sum(batches) == 1400
    assert max(batches) == 400


def test_a_busy_model_does_not_keep_another_waiting(pump: ServedModel) -> None:
    order: list[str] = []

    async def ask() -> None:
        queue = dispatcher()
        busy, _ = watched(pump, "busy", seconds=0.01)
        other, _ = watched(pump, "other")
        x = clean_rows(512)

        async def one(model: ServedModel) -> None:
            await score(queue, model, x)
            order.append(model.name)

        await asyncio.gather(*(one(busy) for _ in range(20)), one(other))

    asyncio.run(ask())
    assert order.index("other") < 8


def test_what_comes_too_late_is_not_scored(pump: ServedModel) -> None:
    async def ask() -> list[int]:
        queue = dispatcher()
        model, scorer = watched(pump)
        with pytest.raises(DeadlineError):
            await score(queue, model, clean_rows(3), seconds=-1.0)
        return scorer.batches

    assert asyncio.run(ask()) == []


def test_what_nobody_waits_for_is_not_scored(pump: ServedModel) -> None:
    async def ask() -> list[int]:
        queue = dispatcher()
        model, scorer = watched(pump)
        task = asyncio.ensure_future(score(queue, model, clean_rows(3)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.05)
        return scorer.batches

    assert asyncio.run(ask()) == []


@pytest.mark.parametrize("known", [False, True])
def test_a_run_that_fails_fails_its_requests_and_no_others(pump: ServedModel, known: bool) -> None:
    async def ask() -> None:
        queue = dispatcher()
        model, scorer = watched(pump)
        if known:  # then the run is made on the loop itself, otherwise by a thread
            await score(queue, model, clean_rows(1))
        scorer.error = ValueError("broken")
        found = await asyncio.gather(*(score(queue, model, clean_rows(1)) for _ in range(3)), return_exceptions=True)
        assert [type(each) for each in found] == [ValueError] * 3
        scorer.error = None
        assert len((await score(queue, model, clean_rows(1))).score) == 1

    asyncio.run(ask())


def test_whoever_comes_is_sent_away_once_the_first_in_line_has_waited_too_long(pump: ServedModel) -> None:
    async def ask() -> None:
        queue = dispatcher(QueueBounds(seconds=0.05))
        model, _ = watched(pump, seconds=0.2)
        tasks = [asyncio.ensure_future(score(queue, model, clean_rows(512))) for _ in range(12)]
        await asyncio.sleep(0.15)
        with pytest.raises(OverloadedError):
            queue.admit()
        await asyncio.gather(*tasks)
        queue.admit()  # the line is gone

    asyncio.run(ask())


@pytest.mark.parametrize("bounds", [QueueBounds(requests=2), QueueBounds(value_bytes=3 * 4 * 8)])
def test_whoever_comes_is_sent_away_while_too_much_waits(pump: ServedModel, bounds: QueueBounds) -> None:
    async def ask() -> None:
        queue = dispatcher(bounds)
        queue.admit()
        tasks = [asyncio.ensure_future(score(queue, pump, clean_rows(2))) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(OverloadedError):
            queue.admit()
        await asyncio.gather(*tasks)
        queue.admit()

    asyncio.run(ask())


def test_a_requester_that_cannot_take_its_scores_keeps_nobody_else_from_theirs(pump: ServedModel) -> None:
    class Broken:
        error: BaseException | None = None

        def take(self, batch: Batch, start: int, stop: int) -> None:
            raise ValueError("broken")

        def fail(self, error: BaseException) -> None:
            self.error = error

        def has_left(self) -> bool:
            return False

    async def ask() -> None:
        queue, broken = dispatcher(), Broken()
        values = clean_rows(1).tobytes()
        queue.put(pump, Waiting(broken, values, 1, {}, perf_counter(), perf_counter() + LATER))
        assert len((await score(queue, pump, clean_rows(1))).score) == 1
        assert isinstance(broken.error, ValueError)

    asyncio.run(ask())


def test_who_could_not_be_scored_in_time_is_sent_away_rather_than_kept_waiting(pump: ServedModel) -> None:
    async def ask() -> None:
        queue = dispatcher()
        queue.admit(perf_counter() + 0.01)  # nobody waits
        since = perf_counter() - 0.3
        values = clean_rows(1).tobytes()
        task = asyncio.ensure_future(score(queue, pump, clean_rows(1)))
        queue.put(pump, Waiting(_Silent(), values, 1, {}, since, perf_counter() + LATER))
        with pytest.raises(OverloadedError, match="about as long as this one may"):
            queue.admit(perf_counter() + 0.4)
        queue.admit(perf_counter() + 10)
        await task
        queue.admit(perf_counter() + 0.01)

    asyncio.run(ask())


def test_after_reading_for_long_the_loop_scores_for_long(pump: ServedModel) -> None:
    async def ask() -> list[int]:
        queue = dispatcher()
        model, scorer = watched(pump)
        await score(queue, model, clean_rows(512))  # from here on its pace is known
        scorer.batches.clear()
        tasks = [asyncio.ensure_future(score(queue, model, clean_rows(512))) for _ in range(4)]
        await asyncio.sleep(0)
        time.sleep(0.1)
        await asyncio.sleep(0)  # one visit
        found = list(scorer.batches)
        await asyncio.gather(*tasks)
        return found

    assert len(asyncio.run(ask())) > 1


def test_a_run_that_waits_rather_than_works_is_no_reason_to_leave_it_to_a_thread(pump: ServedModel) -> None:
    async def ask() -> set[str]:
        queue = dispatcher()
        model, scorer = watched(pump)
        await score(queue, model, clean_rows(1))  # by a thread: nothing is known of it
        scorer.threads.clear()
        scorer.rest = 0.02  # as long as another process has the core
        for _ in range(8):
            await score(queue, model, clean_rows(1))
        return scorer.threads

    assert asyncio.run(ask()) == {"MainThread"}


class _Silent:
    """A requester that wants no answer."""

    def take(self, batch: Batch, start: int, stop: int) -> None:
        pass

    def fail(self, error: BaseException) -> None:
        pass

    def has_left(self) -> bool:
        return False
