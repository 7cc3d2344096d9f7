"""Raw bytes to a real server's connections, in this process: whatever comes, each is answered or closed, and others are served."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry
from uvicorn import Config
from uvicorn.lifespan.off import LifespanOff
from uvicorn.server import ServerState

from service.app import create_app
from service.connection import FRONT, Connection
from service.limits import Limits
from service.metrics import Metrics
from service.registry.models import Models
from tests.attacks.fuzz.target import Target

SILENCE_SECONDS = 20.0  # the machine may be busy with other things
GOOD_BODY = b'{"samples": [[8.1, 121.5, 45.2, 11.1]]}'
GOOD = b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
    len(GOOD_BODY),
    GOOD_BODY,
)
CORPUS = (
    GOOD,
    GOOD * 3,
    GOOD.replace(b"1.1", b"1.0"),
    GOOD.replace(b"/score", b"/models/pump/score"),
    b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET /models?a=%ff&b HTTP/1.1\r\nHost: x\r\n\r\n" + GOOD,
    b"POST /score HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n27\r\n%b\r\n0\r\n\r\n" % GOOD_BODY,
    b"POST /encode HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 39\r\n\r\n" + GOOD_BODY,
    b"POST /score HTTP/1.1\r\nHost: x\r\nX-Request-Timeout: 0.5\r\nX-Request-ID: a\r\nContent-Length: 2\r\n\r\n{}",
)  # fmt: skip
WORDS = (
    b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n", b"Content-Length: -1\r\n", b"Content-Length: " + b"9" * 30,
    b"Connection: close\r\n", b"Connection: upgrade\r\nUpgrade: websocket\r\n", b"Expect: 100-continue\r\n", b" HTTP/1.1\r\n",
    b"HTTP/0.9", b"HTTP/2.0", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"OPTIONS", b"CONNECT a:1", b"HEAD", b"POST ", b"GET ", b"%00", b"%",
    b"//", b"/../", b"http://x/score", b"X-Request-Timeout: 1e309\r\n", b"Content-Type: text/plain\r\n", b"Accept: arrow\r\n",
    b"Content-Encoding: gzip\r\n", b"\r\n folded", b"\r\n\r\n", b"0\r\n\r\n", b"ffffffff\r\n", b"X:" + b"a" * 3_000 + b"\r\n",
)  # fmt: skip


@contextmanager
def connection_target(models: Models) -> Iterator[Target]:
    """Serve ``models`` while the context lasts; each input goes to a connection of its own, then a good request to another."""
    with asyncio.Runner() as runner:
        talk = runner.run(_begin(models))
        yield Target("http", CORPUS, WORDS, lambda data: runner.run(talk.attack(data)))
        runner.run(talk.end())


async def _begin(models: Models) -> "_Talk":
    app = create_app(models, Limits(), Metrics(CollectorRegistry()), asyncio.Event())
    config = Config(app, http=Connection, ws="none", lifespan="off", log_config=None, access_log=False)
    config.load()
    lifespan, state = LifespanOff(config), ServerState()
    faults: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: faults.append(context))
    server = await loop.create_server(
        lambda: Connection(config, state, {**lifespan.state, FRONT: app.state.front}), "127.0.0.1", 0
    )
    return _Talk(server, state, faults)


class _Talk:
    def __init__(self, server: asyncio.Server, state: ServerState, faults: list[object]) -> None:
        self._server, self._state, self._faults = server, state, faults
        self._address = server.sockets[0].getsockname()

    async def attack(self, data: bytes) -> None:
        reader, writer = await asyncio.open_connection(*self._address)
        writer.write(data)
        writer.write_eof()
        async with asyncio.timeout(SILENCE_SECONDS):
            try:
                answer = await reader.read()
            except ConnectionError:  # closed before all was read
                answer = b""
        writer.transport.abort()
        assert not answer or answer.startswith((b"HTTP/1.1 1", b"HTTP/1.1 2", b"HTTP/1.1 4")), answer[:200]
        assert b"\r\nHTTP/1.1 5" not in answer
        assert not self._faults, self._faults

    async def end(self) -> None:
        """A good request is still answered, and no connection is left."""
        reader, writer = await asyncio.open_connection(*self._address)
        writer.write(GOOD)
        assert b"200 OK" in await asyncio.wait_for(reader.readline(), SILENCE_SECONDS)
        writer.transport.abort()
        await asyncio.sleep(0.2)
        assert not self._state.connections
        self._server.close()
