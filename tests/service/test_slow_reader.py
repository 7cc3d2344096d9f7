"""Answers that nobody reads, over a real socket."""

import asyncio
import socket
from collections.abc import Callable

import pytest
import uvloop
from prometheus_client import CollectorRegistry
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from service.connection import CONNECTIONS, Connection
from service.connections import ConnectionBounds, Connections
from service.metrics import Metrics

LARGE = b"x" * (32 << 20)  # more than an operating system takes in for anybody
LOOPS = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
Loop = Callable[[], asyncio.AbstractEventLoop]


async def answer_much(scope: Scope, receive: Receive, send: Send) -> None:
    await Response(LARGE)(scope, receive, send)


async def ask_and_read(header: bytes, pause_seconds: float, seconds: float, unread_seconds: float) -> tuple[int, bool]:
    """Ask, then read slowly, or not at all, for so long; return what came, and whether the server has the connection still."""
    config = Config(answer_much, http=Connection, ws="none", log_config=None, timeout_keep_alive=60)
    config.load()
    state = ServerState()
    connections = Connections(ConnectionBounds(unread_seconds=unread_seconds), Metrics(CollectorRegistry()))
    loop = asyncio.get_running_loop()
    make = lambda: Connection(config, state, {CONNECTIONS: connections})  # noqa: E731
    async with await loop.create_server(make, "127.0.0.1", 0) as server:
        client = socket.create_connection(server.sockets[0].getsockname())
        client.setblocking(False)
        await loop.sock_sendall(client, b"GET / HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n")
        read = 0
        end = loop.time() + seconds
        while loop.time() < end and read < len(LARGE):
            await asyncio.sleep(pause_seconds)
            if pause_seconds < 1:
                read += len(await loop.sock_recv(client, 4 << 20))
        is_open = bool(state.connections)
        client.close()
        while state.connections:
            await asyncio.sleep(0.01)
        return read, is_open


@LOOPS
@pytest.mark.parametrize("header", [b"", b"Connection: close\r\n"], ids=["keep-alive", "close"])
def test_an_answer_that_nobody_reads_is_given_up(loop: Loop, header: bytes) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(ask_and_read(header, 2.0, 1.0, unread_seconds=0.3)) == (0, False)


@LOOPS
def test_an_answer_that_is_read_slowly_is_written_to_its_end(loop: Loop) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        read, is_open = runner.run(ask_and_read(b"", 0.1, 20.0, unread_seconds=0.5))
    assert read >= len(LARGE)
    assert is_open
