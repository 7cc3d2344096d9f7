"""When each client's next request is due: one table, which every worker process shares."""

import fcntl
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from service.access.rate import Rate

# A client has a place in one row. Where a row is full, the client that was away for longest makes room; what is due
# in the past limits nothing, so nothing is lost unless more come at once than there are places.
ROWS, PLACES = 512, 8
WORDS = 4  # of 8 bytes: who, when requests are due, when samples are, and one to spare
BYTES = ROWS * PLACES * WORDS * 8

# Held for a microsecond. Whoever is stopped while holding it must not stop the others.
TRIES, PAUSE_SECONDS = 50, 1e-4


class Arrivals:
    """Due times in the file ``path``, or for one process alone, in its memory."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = None if path is None else os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if self._file is None:
            memory = memoryview(bytearray(BYTES))
        else:
            os.ftruncate(self._file, BYTES)
            memory = memoryview(mmap.mmap(self._file, BYTES))
        self._who, self._due = memory.cast("Q"), memory.cast("d")

    def arrive(self, who: int, requests: Rate | None, samples: Rate | None) -> float:
        """Take a request of ``who``, any number but 0; give 0.0, or the seconds to wait until one is taken."""
        # The clock of the machine, not of the process.
        now = monotonic()
        with self._locked():
            place = self._place(who)
            due, owed = self._due[place + 1], self._due[place + 2]
            wait = 0.0 if requests is None else due - requests.tolerance - now
            if samples is not None:
                wait = max(wait, owed - samples.tolerance - now)
            if wait > 0.0:
                return wait
            if requests is not None:
                self._due[place + 1] = max(due, now) + requests.interval
        return 0.0

    def spend(self, who: int, samples: Rate, count: int) -> None:
        """Count samples that were judged; the next request waits until they were due."""
        now = monotonic()
        with self._locked():
            place = self._place(who)
            self._due[place + 2] = max(self._due[place + 2], now) + count * samples.interval

    def _place(self, who: int) -> int:
        """Find the place of ``who``, or make one."""
        row = who % ROWS * PLACES * WORDS
        places = range(row, row + PLACES * WORDS, WORDS)
        for place in places:
            if self._who[place] == who:
                return place
        oldest = min(places, key=lambda place: max(self._due[place + 1], self._due[place + 2]))
        self._who[oldest] = who
        self._due[oldest + 1] = self._due[oldest + 2] = 0.0
        return oldest

    @contextmanager
    def _locked(self) -> Iterator[None]:
        if self._file is None:
            yield
            return
        for _ in range(TRIES):
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                sleep(PAUSE_SECONDS)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
