"""The client for asyncio against a real service: the same calls, and the same answers."""

import asyncio
from collections.abc import Awaitable, Callable
from inspect import Parameter, getmembers, isfunction, signature

import pytest

from model.images.png import png
from plumbline_client import (
    AsyncPlumblineClient,
    AsyncStream,
    NotFoundError,
    PlumblineClient,
    Stream,
    UnavailableError,
)
from tests.plumbline_client.between import OVERLOADED, Scripted, answering
from tests.samples import clean_rows
from tests.service.programs import Serving
from tests.tiles import clean_tiles


def ask(url: str, asking: Callable[[AsyncPlumblineClient], Awaitable[None]], retries: int = 5) -> None:
    async def run() -> None:
        async with AsyncPlumblineClient(url, retries=retries) as client:
            await asking(client)

    asyncio.run(run())


def test_it_answers_what_the_other_client_answers(service: Serving, client: PlumblineClient) -> None:
    rows, image = clean_rows(25).tolist(), png(clean_tiles(1)[0])

    async def asking(awaited: AsyncPlumblineClient) -> None:
        assert await awaited.ready()
        assert await awaited.models() == client.models()
        assert await awaited.model("pump") == client.model("pump")
        scored = await awaited.score(rows, ids=[*range(25)], explain=True, request_id="same")
        assert scored == client.score(rows, ids=[*range(25)], explain=True, request_id="same")
        many = [result async for result in awaited.score_many(iter(rows), batch=10)]
        assert many == [*client.score_many(rows)]
        images = await awaited.score_images([image], model="tiles", request_id="same")
        assert images == client.score_images([image], model="tiles", request_id="same")
        stream = awaited.stream("awaited")
        assert (await stream.judge(rows)).results[0].score == scored.results[0].score
        assert (await stream.state()).row_count == 25
        assert await stream.acknowledge() == await stream.unshelve()
        assert (await stream.shelve(1, "testing")).state == "shelved"
        await stream.forget()
        with pytest.raises(NotFoundError):
            await stream.state()

    ask(service.url, asking)


def test_many_calls_wait_at_once(service: Serving, client: PlumblineClient) -> None:
    rows = clean_rows(50).tolist()

    async def asking(awaited: AsyncPlumblineClient) -> None:
        answers = await asyncio.gather(*(awaited.score([row]) for row in rows))
        assert [answer.results[0] for answer in answers] == [*client.score(rows).results]

    ask(service.url, asking)


def test_it_tries_again_where_the_other_one_does() -> None:
    async def asking(client: AsyncPlumblineClient) -> None:
        assert (await client.models()).default == "pump"

    busy = Scripted.of(503, OVERLOADED)
    with answering(busy, Scripted(None), Scripted.of(200, {"default": "pump", "models": []})) as script:
        ask(script.url, asking)
        assert len(script.asked) == 3

    async def asking_in_vain(client: AsyncPlumblineClient) -> None:
        assert not await client.ready()
        with pytest.raises(UnavailableError):
            await client.models()

    with answering(busy) as script:
        ask(script.url, asking_in_vain, retries=1)
        assert len(script.asked) == 3


@pytest.mark.parametrize(("one", "other"), [(PlumblineClient, AsyncPlumblineClient), (Stream, AsyncStream)])
def test_both_have_the_same_methods_with_the_same_parameters(one: type, other: type) -> None:
    def methods(of: type) -> dict[str, list[Parameter]]:
        return {
            "close" if name == "aclose" else name: [*signature(method).parameters.values()]
            for name, method in getmembers(of, isfunction)
            if not name.startswith("_")
        }

    assert methods(one) == methods(other)
