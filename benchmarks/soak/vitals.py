"""A process watched for long: what memory it holds, how many files it has open, and whether either grows."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.process import resident_mib

WARM_UP = 0.25  # of the time: what a process takes once, it takes in the beginning


@dataclass(frozen=True)
class Vital:
    """What a process held after ``seconds``: resident memory, open files."""

    seconds: float
    resident_mib: float
    files: int


@dataclass(frozen=True)
class Trend:
    """Resident memory and open files after the warm-up, and how fast they grew."""

    begin_mib: float
    end_mib: float
    most_mib: float
    mib_per_hour: float
    fewest_files: int
    most_files: int
    files_per_hour: float


async def watch(pid: int, every_seconds: float, vitals: list[Vital]) -> None:
    """Note ``vitals`` of a process until cancelled."""
    began = time.monotonic()
    while True:
        files = sum(1 for _ in Path("/proc", str(pid), "fd").iterdir())
        vitals.append(Vital(time.monotonic() - began, resident_mib(pid), files))
        await asyncio.sleep(every_seconds)


def trend_of(vitals: Sequence[Vital]) -> Trend:
    """Fit a line through what comes after the warm-up, at least two of ``vitals``."""
    last = vitals[-1].seconds
    kept = [vital for vital in vitals if vital.seconds >= WARM_UP * last]
    hours = np.array([vital.seconds for vital in kept]) / 3600
    memory = np.array([vital.resident_mib for vital in kept])
    files = np.array([vital.files for vital in kept])
    tenth = max(1, len(kept) // 10)
    return Trend(
        float(memory[:tenth].mean()),
        float(memory[-tenth:].mean()),
        float(memory.max()),
        float(np.polyfit(hours, memory, 1)[0]),
        int(files.min()),
        int(files.max()),
        float(np.polyfit(hours, files, 1)[0]),
    )
