"""Bytes that are no request, or not yet one, over a real socket."""

import asyncio
import json
import time

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from service.connection import Connection
from service.turned_away import HEAD_BYTES

POST = b"POST / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"


async def count_body(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await Response(f"read {len(body)}")(scope, receive, send)


def answer_to(*parts: bytes, pause_seconds: float = 0.01, says_all: bool = False) -> bytes:
    """Send ``parts``, a moment between them, and give what comes back until the connection ends.

    ``says_all``: and close the half that sends, before anything can have been answered.
    """

    async def talk() -> bytes:
        config = Config(count_body, http=Connection, ws="none", log_config=None)
        config.load()
        state = ServerState()
        loop = asyncio.get_running_loop()
        async with await loop.create_server(lambda: Connection(config, state, {}), "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            try:
                for part in parts:
                    writer.write(part)
                    await writer.drain()
                    if not says_all:
                        await asyncio.sleep(pause_seconds)
                if says_all:
                    writer.write_eof()
                return await reader.read()
            except ConnectionError:
                return b""
            finally:
                writer.transport.abort()

    return asyncio.run(asyncio.wait_for(talk(), 30))


def body_of(size: int) -> bytes:
    return POST + b"Content-Length: %d\r\n" % size


def test_a_head_without_an_end_is_refused() -> None:
    head, _, body = answer_to(POST + b"X-A: " + b"a" * HEAD_BYTES).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 ")
    assert b"connection: close" in head
    assert json.loads(body)["error"]["code"] == "head_too_large"


def test_a_head_of_many_small_pieces_is_refused() -> None:
    piece = b"X-A: ".ljust(HEAD_BYTES // 32 - 2, b"a") + b"\r\n"
    assert answer_to(POST, *[piece] * 32, pause_seconds=0.001).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(
    ("sent", "status"), [(POST + b"X-A: " + b"a" * 2 * HEAD_BYTES, b"431"), (b"no request\r\n\r\n", b"400")]
)
def test_who_still_sends_is_told_why_it_ends(sent: bytes, status: bytes) -> None:
    assert answer_to(sent, *[b"a" * HEAD_BYTES] * 8).startswith(b"HTTP/1.1 %b " % status)


@pytest.mark.parametrize("count", [1, 3, 3_000])
def test_who_sends_no_more_still_gets_the_answers(count: int) -> None:
    assert answer_to((body_of(1) + b"\r\nx") * count, says_all=True).count(b"read 1") == count


@pytest.mark.parametrize("part", [POST, body_of(2) + b"\r\nx", CHUNKED], ids=["head", "body", "chunks"])
def test_who_sends_no_more_amid_a_request_is_let_go(part: bytes) -> None:
    began = time.monotonic()
    assert answer_to(part, says_all=True) == b""
    assert time.monotonic() - began < 5  # and did not wait for the timer


def test_trailers_without_an_end_are_cut_off() -> None:
    assert answer_to(CHUNKED, b"0\r\nX-A: " + b"a" * 2 * HEAD_BYTES) == b""


def test_a_head_below_the_bound_and_a_body_above_it_are_read() -> None:
    head = body_of(4 * HEAD_BYTES) + b"Connection: close\r\nX-A: " + b"a" * (HEAD_BYTES - 200)
    assert answer_to(head, b"\r\n\r\n", b"x" * 4 * HEAD_BYTES).endswith(b"read %d" % (4 * HEAD_BYTES))


def test_requests_one_after_the_other_do_not_add_up() -> None:
    request = body_of(1) + b"X-A: " + b"a" * (HEAD_BYTES // 2) + b"\r\n\r\nx"
    last = body_of(1) + b"Connection: close\r\n\r\nx"
    assert answer_to(*[request] * 5, last).count(b"read 1") == 6


@pytest.mark.parametrize("parts", [[], [POST], [body_of(1) + b"\r\nx", POST]], ids=["nothing", "half", "second half"])
def test_a_head_that_takes_too_long_ends_the_connection(parts: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.connection.HEAD_SECONDS", 0.2)
    assert answer_to(*parts).count(b"HTTP/1.1 200 OK") == (len(parts) > 1)


def test_bytes_that_trickle_in_do_not_buy_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.connection.HEAD_SECONDS", 0.2)
    trickle = [body_of(1)[k : k + 1] for k in range(len(body_of(1)))]  # takes several times that
    assert answer_to(*trickle, b"\r\nx", pause_seconds=0.02) == b""
