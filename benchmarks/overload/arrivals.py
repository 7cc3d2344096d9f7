"""Requests that arrive whether or not the service keeps up, and what became of each."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser

from benchmarks.serving.request import Request

GOOD = 200
NEVER = 0  # in place of a status: the connection broke before the answer came
PATIENCE_SECONDS = 60.0
LONGEST_SLEEP = 0.002
_LIVE = b"GET /health/live HTTP/1.1\r\nHost: %b\r\n\r\n"


@dataclass
class Outcomes:
    """Of requests that were due within ``seconds``: the seconds from when each was due to its answer, by status.

    ``late_answers`` of those with status 200 came after the ``seconds``. ``crowded``: no connection was free when they were due.
    ``lags``: how much later than due each was sent.
    """

    seconds: float = 0.0
    due: int = 0
    crowded: int = 0
    late_answers: int = 0
    latencies: dict[int, list[float]] = field(default_factory=dict)
    lags: list[float] = field(default_factory=list)

    @property
    def counts(self) -> Counter[int]:
        return Counter({status: len(latencies) for status, latencies in self.latencies.items()})

    @property
    def goodput(self) -> float:
        """Scores that were given within the time, per second."""
        return (self.counts[GOOD] - self.late_answers) / self.seconds


class Arrivals:
    """Sends one request over and over on connections that are kept open."""

    def __init__(self, url: str, request: Request, connections: int) -> None:
        self._host, self._port = urlsplit(url).hostname or "", urlsplit(url).port or 80
        self._connections = connections
        head = [f"POST {request.path} HTTP/1.1", f"Host: {self._host}", f"Content-Length: {len(request.body)}"]
        head += [f"{name}: {value}" for name, value in request.headers.items()]
        self._raw = "\r\n".join([*head, "", ""]).encode() + request.body
        self._free: deque[_Connection] = deque()
        self._all: list[_Connection] = []

    async def __aenter__(self) -> "Arrivals":
        for _ in range(self._connections):
            connection = await self._connect()
            # What is connected may not be accepted, and is so one by one, slowly while the server is busy.
            answered = asyncio.get_running_loop().create_future()
            connection.send(_LIVE % self._host.encode(), answered.set_result)
            await answered
            self._free.append(connection)
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in self._all:
            connection.close()

    async def at_rate(self, rate: float, seconds: float) -> Outcomes:
        """Send ``rate`` requests a second, evenly, for so many ``seconds``, and wait for the answers to all of them."""
        outcomes, begin = Outcomes(seconds), time.perf_counter()
        outstanding = _Outstanding()
        while (now := time.perf_counter() - begin) < seconds:
            while outcomes.due < now * rate:
                due = begin + outcomes.due / rate
                outcomes.due += 1
                await self._send(due, begin + seconds, outcomes, outstanding)
            await asyncio.sleep(min(LONGEST_SLEEP, max(0.0, begin + outcomes.due / rate - time.perf_counter())))
        await outstanding.gone()
        return outcomes

    async def at_most(self, clients: int, seconds: float) -> float:
        """Have so many ``clients`` send their next request once the last is answered; returns scores per second."""
        end, given = time.perf_counter() + seconds, 0

        async def client() -> None:
            nonlocal given
            while time.perf_counter() < end:
                outcomes, outstanding = Outcomes(), _Outstanding()
                await self._send(time.perf_counter(), end, outcomes, outstanding)
                await outstanding.gone()
                given += outcomes.counts[GOOD] - outcomes.late_answers

        await asyncio.gather(*(client() for _ in range(clients)))
        return given / seconds

    async def _send(self, due: float, end: float, outcomes: Outcomes, outstanding: "_Outstanding") -> None:
        if not self._free:
            outcomes.crowded += 1
            return
        connection = self._free.popleft()
        if connection.is_closed:  # the service closes those that have rested for long
            connection = await self._connect()
        outcomes.lags.append(time.perf_counter() - due)
        outstanding.count += 1

        def answered(status: int) -> None:
            now = time.perf_counter()
            outcomes.latencies.setdefault(status, []).append(now - due)
            outcomes.late_answers += status == GOOD and now > end
            self._free.append(connection)
            outstanding.one_less()

        connection.send(self._raw, answered)

    async def _connect(self) -> "_Connection":
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, self._host, self._port)
        self._all.append(connection)
        return connection


class _Outstanding:
    """How many answers are waited for."""

    def __init__(self) -> None:
        self.count = 0
        self._none = asyncio.Event()

    def one_less(self) -> None:
        self.count -= 1
        if not self.count:
            self._none.set()

    async def gone(self) -> None:
        """Wait until there are none.

        Raises:
            TimeoutError: some never come.
        """
        while self.count:
            self._none.clear()
            await asyncio.wait_for(self._none.wait(), PATIENCE_SECONDS)


class _Connection(asyncio.Protocol):
    """One connection, and the request that is on it."""

    def __init__(self) -> None:
        self.is_closed = False
        self._answered: Callable[[int], None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # of TCP, it is one
        self._transport = transport

    def send(self, raw: bytes, answered: Callable[[int], None]) -> None:
        self._answered, self._parser = answered, HttpResponseParser(self)
        self._transport.write(raw)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserError:
            self._transport.abort()

    def on_message_complete(self) -> None:
        if not self._parser.should_keep_alive():
            self.close()
        self._tell(self._parser.get_status_code())

    def connection_lost(self, _: Exception | None) -> None:
        self.is_closed = True
        self._tell(NEVER)

    def close(self) -> None:
        self.is_closed = True
        self._transport.close()

    def _tell(self, status: int) -> None:
        answered, self._answered = self._answered, None
        if answered is not None:
            answered(status)
