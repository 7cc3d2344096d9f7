"""Too many connections, and clients that do not read, over real sockets."""

import asyncio
import json
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
import uvloop
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from service.access.tls import Tls
from service.connection import CONNECTIONS, Connection
from service.connections import ConnectionBounds, Connections
from service.metrics import Metrics
from tests.service.access.certificates import Authority
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import PATIENCE_SECONDS, serving

ANSWER_BYTES = 12 << 20
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
Address = tuple[str, int]


async def answer_at_length(scope: Scope, receive: Receive, send: Send) -> None:
    size = int(Request(scope).query_params.get("size", "2"))
    await Response(b"x" * size)(scope, receive, send)


def with_server(
    talk: Callable[[Address, Connections], Awaitable[None]],
    most: int = 100,
    unread_seconds: float = 20.0,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Talk to a server that has room for ``most`` connections."""

    async def run() -> None:
        config = Config(answer_at_length, http=Connection, ws="none", log_config=None)
        config.load()
        state = ServerState()
        connections = Connections(ConnectionBounds(most, unread_seconds), Metrics(CollectorRegistry()))
        make = lambda: Connection(config, state, {CONNECTIONS: connections})  # noqa: E731
        server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0, ssl=tls)
        async with server:
            await asyncio.wait_for(talk(server.sockets[0].getsockname(), connections), PATIENCE_SECONDS)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


@asynccontextmanager
async def connected(at: Address) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(*at)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


def test_one_connection_too_many_is_told_so_at_once_and_closed() -> None:
    async def talk(at: Address, connections: Connections) -> None:
        async with connected(at) as (first, to_first), connected(at) as (second, _):
            head, _, body = (await second.read()).partition(b"\r\n\r\n")  # nothing was asked
            assert head.startswith(b"HTTP/1.1 503 ")
            assert b"retry-after: 1" in head
            assert b"connection: close" in head
            assert json.loads(body)["error"]["code"] == "too_many_connections"
            to_first.write(GET)
            assert (await first.readline()).startswith(b"HTTP/1.1 200 ")
            assert len(connections) == 1

    with_server(talk, most=1)


def test_who_asks_at_once_hears_why_and_is_not_cut_off() -> None:
    async def talk(at: Address, _: Connections) -> None:
        async with connected(at), connected(at):
            for _number in range(2):
                async with connected(at) as (reader, writer):
                    writer.write(b"POST / HTTP/1.1\r\nContent-Length: 500000\r\n\r\n" + b"x" * 500_000)
                    assert (await reader.readline()).startswith(b"HTTP/1.1 503 ")
                    await writer.drain()

    with_server(talk, most=2)


def test_there_is_room_again_once_a_client_has_left() -> None:
    async def talk(at: Address, connections: Connections) -> None:
        async with connected(at):
            while len(connections) < 1:
                await asyncio.sleep(0.01)
        while len(connections) > 0:
            await asyncio.sleep(0.01)
        async with connected(at) as (reader, writer):
            writer.write(GET)
            assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")

    with_server(talk, most=1)


def test_in_a_flood_most_are_closed_without_a_word() -> None:
    async def talk(at: Address, _: Connections) -> None:
        async with AsyncExitStack() as flood:
            opened = [await flood.enter_async_context(connected(at)) for _ in range(10)]
            said = await asyncio.gather(*(until_its_end(reader) for reader, _ in opened[2:]))
        assert sum(text.startswith(b"HTTP/1.1 503 ") for text in said) == 2
        assert sum(not text for text in said) == 6

    with_server(talk, most=2)


async def until_its_end(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""


async def asking_for_much(at: Address) -> socket.socket:
    """Connect, with little room for what comes, and ask for much."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, at)
    await loop.sock_sendall(client, b"GET /?size=%d HTTP/1.1\r\nHost: x\r\n\r\n" % ANSWER_BYTES)
    return client


@pytest.mark.parametrize("bytes_at_once", [0, 10], ids=["nothing", "a trickle"])
def test_a_client_that_does_not_read_its_answer_is_cut_off(bytes_at_once: int) -> None:
    async def talk(at: Address, connections: Connections) -> None:
        with await asking_for_much(at) as client:
            while not connections:
                await asyncio.sleep(0.01)
            start = time.monotonic()
            while connections:
                await asyncio.sleep(0.05)
                if bytes_at_once:
                    await asyncio.get_running_loop().sock_recv(client, bytes_at_once)
            assert 0.4 < time.monotonic() - start < 10

    with_server(talk, unread_seconds=0.5)


def test_over_tls_too(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    signed = authority.sign("server")

    def ask(at: Address) -> ssl.SSLSocket:
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(at)
        context = ssl.create_default_context(cafile=authority.certificate)
        talking = context.wrap_socket(client, server_hostname="127.0.0.1")
        talking.sendall(b"GET /?size=%d HTTP/1.1\r\nHost: x\r\n\r\n" % ANSWER_BYTES)
        return talking

    async def talk(at: Address, connections: Connections) -> None:
        with await asyncio.to_thread(ask, at):
            while not connections:
                await asyncio.sleep(0.01)
            start = time.monotonic()
            while connections:
                await asyncio.sleep(0.05)
            assert 0.4 < time.monotonic() - start < 10

    with_server(talk, unread_seconds=0.5, tls=Tls(signed.certificate, signed.key).context())


def test_a_client_that_reads_slowly_but_steadily_gets_it_all() -> None:
    async def talk(at: Address, _: Connections) -> None:
        with await asking_for_much(at) as client:
            start, received = time.monotonic(), 0
            while received < ANSWER_BYTES:
                part = await asyncio.get_running_loop().sock_recv(client, 256 << 10)
                assert part, f"cut off after {received} bytes"
                received += len(part)
                await asyncio.sleep(0.002)
            assert time.monotonic() - start > 0.6

    with_server(talk, unread_seconds=0.3)


def test_a_client_that_asks_again_and_again_and_always_lags_a_little_is_left_alone() -> None:
    async def talk(at: Address, _: Connections) -> None:
        with await asking_for_much(at) as client:
            loop, end = asyncio.get_running_loop(), time.monotonic() + 1.5
            while time.monotonic() < end:
                assert await loop.sock_recv(client, 64 << 10)
                await loop.sock_sendall(client, b"GET /?size=2000 HTTP/1.1\r\nHost: x\r\n\r\n")
                await asyncio.sleep(0)

    with_server(talk, unread_seconds=0.3)


def test_a_service_counts_and_logs_those_that_it_has_no_room_for(tmp_path: Path) -> None:
    with serving(
        GOLDEN_MODELS, tmp_path / "log", PLUMBLINE_MAX_CONNECTIONS="1", PLUMBLINE_KEEP_ALIVE_SECONDS="60"
    ) as service:
        at = urlsplit(service.url)
        with httpx2.Client(base_url=service.url) as client:
            assert client.get("/health/live").status_code == 200
            with socket.create_connection((at.hostname or "", at.port or 0), PATIENCE_SECONDS) as other:
                assert other.recv(1024).startswith(b"HTTP/1.1 503 ")
            time.sleep(6)  # longer than uvicorn would keep it
            text = client.get("/metrics").text
        assert 'plumbline_requests_refused_total{reason="too_many_connections"} 1.0' in text
        assert service.line("message", "connections refused: there are too many")["refused"] == 1


def test_an_idle_connection_is_closed_after_the_time_that_was_set(tmp_path: Path) -> None:
    with serving(GOLDEN_MODELS, tmp_path / "log", PLUMBLINE_KEEP_ALIVE_SECONDS="1") as service:
        at = urlsplit(service.url)
        with socket.create_connection((at.hostname or "", at.port or 0), PATIENCE_SECONDS) as client:
            client.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = HTTPResponse(client)
            answer.begin()
            assert (answer.status, answer.read()) == (200, b'{"status":"alive"}')
            start = time.monotonic()
            assert client.recv(4096) == b""
            assert 0.5 < time.monotonic() - start < 4


def test_the_limit_on_open_files_is_raised_as_far_as_it_goes() -> None:
    program = (
        "import resource; from service.open_files import allow_open_files;"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 900));"
        "[(allow_open_files(count), print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])) for count in (50, 500, 5000)]"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout.split() == ["64", "500", "900"]
    assert "fewer files may be open than connections need" in finished.stderr
