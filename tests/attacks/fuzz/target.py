"""Something that is handed bytes by strangers, and what it must never do with them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.errors import RequestError
from tests.attacks.fuzz.mutation import Mutator

# What one input may take, on a machine that is busy with other things too.
MOST_SECONDS = 10.0
WARM_UP = 2_000  # inputs, after which a process has taken what it takes once


@dataclass(frozen=True)
class Target:
    """``read`` takes any bytes, and raises nothing but a RequestError; ``corpus`` holds good inputs, ``words`` their parts."""

    name: str
    corpus: Sequence[bytes]
    words: Sequence[bytes]
    read: Callable[[bytes], object]


@dataclass(frozen=True)
class Outcome:
    """How many inputs were ``taken`` and how many ``refused``, how long the slowest took, and what memory grew by."""

    taken: int
    refused: int
    seconds: float
    slowest_seconds: float
    grown_mib: float

    @property
    def inputs(self) -> int:
        return self.taken + self.refused


def fuzz(target: Target, seed: int, inputs: int, seconds: float | None = None) -> Outcome:
    """Hand ``target`` so many inputs, or as many as ``seconds`` allow.

    Raises:
        AssertionError: it failed on one, which the message shows, or took too long.
    """
    for good in target.corpus:
        target.read(good)  # raises nothing at all
    mutator = Mutator(target.corpus, target.words, seed)
    taken = refused = 0
    slowest = 0.0
    began, resident = time.perf_counter(), 0.0
    for number in range(inputs):
        if number == min(WARM_UP, inputs // 2):
            resident = _resident_mib()
        data = mutator.draw()
        start = time.perf_counter()
        if seconds is not None and start - began > seconds:
            break
        try:
            target.read(data)
        except RequestError:
            refused += 1
        except Exception as error:
            raise AssertionError(f"{target.name} fails on {data!r}") from error
        else:
            taken += 1
        took = time.perf_counter() - start
        assert took < MOST_SECONDS, f"{target.name} takes {took:.1f} s for {data!r}"
        slowest = max(slowest, took)
    grown = _resident_mib() - resident
    return Outcome(taken, refused, time.perf_counter() - began, slowest, grown)


def _resident_mib() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
