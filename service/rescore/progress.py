"""How a re-scoring run tells where it is: a moving line on a terminal, plain log lines elsewhere."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

log = logging.getLogger("plumbline.rescore")
LINE_INTERVAL_S = 5.0


class OnRows(Protocol):
    """Be told that ``count`` more rows are done, of a file described as ``file``."""

    def __call__(self, file: str, count: int, /) -> None: ...


@contextmanager
def rescore_progress(console: Console) -> Iterator[OnRows]:
    """Show rows as they are done."""
    if not console.is_terminal:
        yield _Lines()
        return
    pace = _Pace()
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda file, count: progress.update(task, description=pace.sentence(file, count))


class _Pace:
    def __init__(self) -> None:
        self._rows, self._start = 0, time.monotonic()

    def sentence(self, file: str, count: int) -> str:
        self._rows += count
        rate = self._rows / max(time.monotonic() - self._start, 1e-9)
        return f"{file}: {self._rows:,} rows so far, {rate:,.0f} rows/s"


class _Lines:
    def __init__(self) -> None:
        self._pace, self._last = _Pace(), time.monotonic()

    def __call__(self, file: str, count: int) -> None:
        sentence = self._pace.sentence(file, count)
        if time.monotonic() - self._last >= LINE_INTERVAL_S:
            self._last = time.monotonic()
            log.info(sentence)
