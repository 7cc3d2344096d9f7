"""How a run tells what it is doing: a moving bar on a terminal, plain lines elsewhere."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from training.history import EpochRecord

log = logging.getLogger("plumbline.training")
LINE_INTERVAL_S = 5.0


class OnEpoch(Protocol):
    """Be told of each epoch and of how many there may be."""

    def __call__(self, record: EpochRecord, epochs: int, /) -> None: ...


@contextmanager
def epoch_progress(console: Console) -> Iterator[OnEpoch]:
    """Show epochs as they end, distortion and rate apart."""
    if console.is_terminal:
        with _bar(console) as on_epoch:
            yield on_epoch
    else:
        yield _Lines()


@contextmanager
def _bar(console: Console) -> Iterator[OnEpoch]:
    columns = (
        TextColumn("fit  epoch {task.completed:>3.0f}/{task.total:.0f}"),
        BarColumn(bar_width=24),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=1)

        def show(record: EpochRecord, epochs: int) -> None:
            progress.update(task, completed=record.epoch, total=epochs, description=_terms(record))

        yield show


class _Lines:
    def __init__(self) -> None:
        self._last = -LINE_INTERVAL_S

    def __call__(self, record: EpochRecord, epochs: int) -> None:
        if time.monotonic() - self._last >= LINE_INTERVAL_S or record.epoch == epochs:
            self._last = time.monotonic()
            skipped = f", {record.skipped_steps} steps skipped" if record.skipped_steps else ""
            log.info("epoch %d of at most %d: validation %s%s", record.epoch, epochs, _terms(record), skipped)


def _terms(record: EpochRecord) -> str:
    return f"distortion {record.validation_distortion:8.3f}  rate {record.validation_rate:7.3f}"
