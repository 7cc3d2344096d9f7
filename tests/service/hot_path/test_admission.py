"""Whoever could not be scored soon is sent away at once; whoever could be is let in."""

import asyncio
from time import perf_counter

import pytest

from service.errors import OverloadedError
from service.limits import QueueBounds
from service.registry.models import ServedModel
from tests.samples import clean_rows
from tests.service.hot_path.watched import dispatcher, score, watched


def test_whoever_comes_is_sent_away_once_the_first_in_line_has_waited_too_long(pump: ServedModel) -> None:
    async def ask() -> None:
        queue = dispatcher(QueueBounds(seconds=0.05))
        model, _ = watched(pump, seconds=0.2)
        tasks = [asyncio.ensure_future(score(queue, model, clean_rows(512))) for _ in range(12)]
        await asyncio.sleep(0.15)
        with pytest.raises(OverloadedError, match=r"more than 0\.05 s"):
            queue.admit(model)
        await asyncio.gather(*tasks)
        queue.admit(model)  # the line is gone

    asyncio.run(ask())


@pytest.mark.parametrize("bounds", [QueueBounds(requests=2), QueueBounds(value_bytes=3 * 4 * 8)])
def test_whoever_comes_is_sent_away_while_too_much_waits(pump: ServedModel, bounds: QueueBounds) -> None:
    async def ask() -> None:
        queue = dispatcher(bounds)
        queue.admit(pump)
        tasks = [asyncio.ensure_future(score(queue, pump, clean_rows(2))) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(OverloadedError):
            queue.admit(pump)
        await asyncio.gather(*tasks)
        queue.admit(pump)

    asyncio.run(ask())


def test_a_model_with_a_long_line_keeps_nobody_from_another(pump: ServedModel) -> None:
    async def ask() -> None:
        queue = dispatcher(QueueBounds(seconds=0.05))
        busy, _ = watched(pump, "busy", seconds=0.1)
        other, _ = watched(pump, "other")
        tasks = [asyncio.ensure_future(score(queue, busy, clean_rows(512))) for _ in range(12)]
        await asyncio.sleep(0.1)
        with pytest.raises(OverloadedError):
            queue.admit(busy)
        queue.admit(other)
        await score(queue, other, clean_rows(1))
        with pytest.raises(OverloadedError):
            queue.admit(busy)
        await asyncio.gather(*tasks)

    asyncio.run(ask())


def test_who_could_not_be_scored_in_time_is_sent_away_rather_than_kept_waiting(pump: ServedModel) -> None:
    async def ask() -> None:
        queue = dispatcher(QueueBounds(seconds=60.0))
        model, _ = watched(pump, seconds=0.2)
        tasks = [asyncio.ensure_future(score(queue, model, clean_rows(512))) for _ in range(12)]
        await asyncio.sleep(0.15)
        with pytest.raises(OverloadedError, match="about as long as this one may"):
            queue.admit(model, perf_counter() + 0.1)
        queue.admit(model, perf_counter() + 50)
        await asyncio.gather(*tasks)
        queue.admit(model, perf_counter() + 0.1)

    asyncio.run(ask())
