"""Clients that keep a service at a given load, and count every answer."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

from benchmarks.client import Client
from benchmarks.errors import MeasurementError
from benchmarks.soak.traffic import Traffic

CLIENTS = 16
REQUESTS_OF_A_CONNECTION = 500  # then it is closed, and another opened


@dataclass
class Tallied:
    """What was sent and what came of it."""

    answered: Counter[str] = field(default_factory=Counter)  # as expected, by kind
    unexpected: Counter[tuple[str, int]] = field(default_factory=Counter)  # by kind and status
    lost: Counter[str] = field(default_factory=Counter)  # never answered, by kind
    left: int = 0

    @property
    def sent(self) -> int:
        return self.answered.total() + self.unexpected.total() + self.lost.total() + self.left


async def drive(url: str, traffic: Traffic, seconds: float, rate: float | None = None) -> Tallied:
    """Ask from several connections, ``rate`` requests a second in all, or each as soon as the last is answered."""
    tallied = Tallied()
    end = time.monotonic() + seconds
    every = None if rate is None else CLIENTS / rate
    await asyncio.gather(*(_client(url, traffic, tallied, end, every, k) for k in range(CLIENTS)))
    return tallied


async def _client(url: str, traffic: Traffic, tallied: Tallied, end: float, every: float | None, number: int) -> None:
    due = time.monotonic() + (every or 0) * number / CLIENTS
    asked = 0
    async with Client(url) as client:
        while time.monotonic() < end:
            if every is not None:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                due = max(due + every, time.monotonic() - 1)  # what was not sent for a second is not made up for
            asked += 1
            kind = traffic.draw()
            if asked % REQUESTS_OF_A_CONNECTION == 0:
                client.close()
            if traffic.leaves():
                await client.leave(kind.request)
                tallied.left += 1
                continue
            try:
                answer = await client.ask(kind.request)
            except MeasurementError:
                tallied.lost[kind.name] += 1
                continue
            if answer.status == kind.status:
                tallied.answered[kind.name] += 1
            else:
                tallied.unexpected[kind.name, answer.status] += 1
