"""Re-scoring: files in, files out, one row of the output for each row of the input, in the same order."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.scorer import Scorer
from model.tables.sources import Source
from model.tables.table import read_rows
from service.rescore.parquet_output import parquet_output
from service.rescore.verdict_table import judge

Item = TypeVar("Item")
Result = TypeVar("Result")


def output_paths(sources: Sequence[Source], out: Path, extension: str = ".parquet") -> list[Path]:
    """Name the output of each source: its place below the closest directory common to all, plus ``extension``.

    Raises:
        InputError: ``out`` is no directory, or an output is already there or meant for two sources.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: expected a directory to write to, found a file")
    places = [PurePosixPath(source.filesystem.type_name, source.path.lstrip("/")) for source in sources]
    common = os.path.commonpath([place.parent for place in places])
    targets = [out / place.relative_to(common).with_name(f"{place.name}{extension}") for place in places]
    if len(set(targets)) < len(targets):
        raise InputError("inputs from different stores would be written to the same file; re-score them one by one")
    taken = [target for target in targets if target.exists()]
    if taken:
        more = f", and {len(taken) - 1} more" if len(taken) > 1 else ""
        raise InputError(f"{taken[0]}: is already there{more}; outputs are never overwritten")
    return targets


def rescore(source: Source, scorer: Scorer, target: Path, *, explain: bool = False) -> Iterator[NDArray[np.intp]]:
    """Judge the rows of ``source`` and write ``target``, yielding for each block how many rows got each of ``VERDICTS``.

    ``target`` appears, whole, once everything has been yielded.

    Raises:
        InputError: the source cannot be read to its end, or the target is already there.
        OSError: the target cannot be written.
    """
    with parquet_output(target) as output:
        for table in map_in_order(partial(judge, scorer=scorer, explain=explain), read_rows(source)):
            output.write(table.columns)
            yield table.counts


def map_in_order(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Apply ``function`` in threads while further items are read; results come in order, a bounded number ahead."""
    workers = min(os.cpu_count() or 1, 8)
    with ThreadPoolExecutor(workers) as pool:
        pending: deque[Future[Result]] = deque()
        for item in items:
            pending.append(pool.submit(function, item))
            if len(pending) > workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
