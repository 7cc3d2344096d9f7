"""Requests that wait are scored together, in turn, in time, or told why not."""

import asyncio
from time import perf_counter

import numpy as np
import pytest

from model.scorer import Scores
from service.errors import DeadlineError, NotReadyError
from service.hot_path.line import Batch, Samples, Waiting
from service.registry.models import ServedModel
from tests.samples import clean_rows
from tests.service.hot_path.watched import LATER, dispatcher, score, watched


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


@pytest.mark.parametrize("known", [False, True])
def test_a_model_that_cannot_be_had_is_no_error_of_ours(
    pump: ServedModel, caplog: pytest.LogCaptureFixture, known: bool
) -> None:
    async def ask() -> None:
        queue = dispatcher()
        model, scorer = watched(pump)
        if known:
            await score(queue, model, clean_rows(1))
        scorer.error = NotReadyError("not at the moment")
        with pytest.raises(NotReadyError):
            await score(queue, model, clean_rows(1))

    asyncio.run(ask())
    assert not caplog.records


def test_what_is_too_late_is_dropped_without_a_turn_of_its_own(pump: ServedModel) -> None:
    async def ask() -> None:
        queue = dispatcher()
        x = clean_rows(512)  # as many as a run has
        late = [asyncio.ensure_future(score(queue, pump, x, seconds=-1.0)) for _ in range(50)]
        await asyncio.wait(late, return_when=asyncio.FIRST_COMPLETED)
        assert all(each.done() for each in late)
        assert {type(each.exception()) for each in late} == {DeadlineError}

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
        queue.put(pump, Waiting(broken, Samples(values, 1), perf_counter() + LATER))
        assert len((await score(queue, pump, clean_rows(1))).score) == 1
        assert isinstance(broken.error, ValueError)

    asyncio.run(ask())


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
