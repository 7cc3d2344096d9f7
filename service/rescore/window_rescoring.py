"""Re-scoring a series: every row is judged by the window that ends with it, as a stream of the same rows is.

n: rows of a block. T: steps. F: channels.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from model.modality import Window
from model.raw_scorer import CHUNK
from model.scorer import INVALID, Scorer, Scores
from model.series.row_window import Arrived, RowWindow
from model.tables.rows import Rows
from model.tables.sources import Source
from model.tables.table import read_rows, require_columns
from model.tables.times import times
from model.validity import MISSING, UNREADABLE_TIME, invalid_samples, reason
from service.rescore.parquet_output import parquet_output
from service.rescore.verdict_table import VerdictTable, check_columns, explanation_columns, verdict_table


def check_series(source: Source, scorer: Scorer, window: Window, explain: bool) -> None:
    """Check that ``source`` holds the channels, and the columns that place rows in time.

    Raises:
        InputError: one is missing, or has the name of a column that is added.
    """
    require_columns(source, [name for name in (window.time, window.group) if name is not None])
    check_columns(source, scorer, explain)


def rescore_series(
    source: Source, scorer: Scorer, window: Window, target: Path, *, explain: bool
) -> Iterator[NDArray[np.intp]]:
    """Judge the rows of ``source`` and write ``target``, yielding for each block how many rows got each of ``VERDICTS``.

    Blocks hand over the last rows of each group: scores do not depend on where blocks begin.

    Raises:
        InputError: the source cannot be read to its end, or the target is already there.
        OSError: the target cannot be written.
    """
    kept: dict[str, RowWindow] = {}
    with parquet_output(target) as output:
        for rows in read_rows(source):
            table = _judge(rows, scorer, window, kept, explain)
            output.write(table.columns)
            yield table.counts


def _judge(rows: Rows, scorer: Scorer, window: Window, kept: dict[str, RowWindow], explain: bool) -> VerdictTable:
    x, unreadable = rows.numbers(scorer.spec.names)
    when, late = (None, {}) if window.time is None else times(rows, window.time)
    invalid = {
        **invalid_samples(x, scorer.spec),
        **unreadable,
        **{row: reason(UNREADABLE_TIME, why) for row, why in late.items()},
    }
    names = _group_names(rows, window.group)
    nameless = np.flatnonzero(names == "") if window.group is not None else np.empty(0, dtype=np.intp)
    for row in nameless.tolist():
        invalid.setdefault(row, reason(MISSING, f"'{window.group}' names no group"))
    # Without times a row of no known group may be any group's: it ends the windows of all.
    lost = nameless if window.time is None else nameless[:0]
    scores = _nothing_yet(len(rows))
    parts: list[tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]] = []
    longest = None if window.time is None else window.longest_step * window.sampling_interval
    reasons: dict[int, str] = {}
    for name, own in _by_group(names, [*kept] if lost.size else []):
        numbers = np.union1d(own, lost) if lost.size else own
        before = kept.get(name, RowWindow(np.empty((0, len(scorer.spec)))))
        arrived = before.take(
            x[numbers],
            None if when is None else when[numbers],
            {at: invalid[row] for at, row in enumerate(numbers.tolist()) if row in invalid},
            window.length,
            longest,
        )
        kept[name] = arrived.window
        reasons |= {int(numbers[row]): why for row, why in arrived.reasons.items()}
        _score(scores, reasons, arrived, numbers, scorer, window.length, parts if explain else None)
    scores = replace(scores, reasons=MappingProxyType(reasons))
    return verdict_table(rows, scores, scorer, _explanation(parts, scores, scorer) if explain else {})


def _group_names(rows: Rows, group: str | None) -> NDArray[np.str_]:
    if group is None:
        return np.zeros(len(rows), dtype="<U1")
    return np.array(rows.columns.column(group).cast(pa.string()).fill_null("").to_pylist(), dtype=np.str_)


def _by_group(names: NDArray[np.str_], others: list[str]) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Give each group's rows, in order, and no rows of those of ``others`` that have none here."""
    found, of_row = np.unique(names, return_inverse=True)
    ordered = np.argsort(of_row, kind="stable")
    edges = np.cumsum(np.bincount(of_row, minlength=found.size))[:-1]
    yield from zip(found.tolist(), np.split(ordered, edges), strict=True)
    for name in sorted(set(others).difference(found.tolist())):
        yield name, np.empty(0, dtype=np.intp)


def _nothing_yet(count: int) -> Scores:
    score, p_value, severity = (np.full(count, np.nan) for _ in range(3))
    return Scores(score, p_value, severity, np.full(count, INVALID, dtype=np.int8), MappingProxyType({}))


def _score(
    scores: Scores,
    reasons: dict[int, str],
    arrived: Arrived,
    numbers: NDArray[np.intp],
    scorer: Scorer,
    length: int,
    parts: list[tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]] | None,
) -> None:
    """Judge the windows that are whole, into ``scores`` and ``reasons``, as many at a time as the scorer takes, and keep what explains them in ``parts``."""
    step = scorer.form.chunk(CHUNK)
    for start in range(0, len(arrived.ready), step):
        part = slice(start, start + step)
        rows = numbers[list(arrived.ready[part])]
        windows = arrived.windows(part, length)
        found = scorer.score(windows)
        scores.score[rows], scores.p_value[rows] = found.score, found.p_value
        scores.severity[rows], scores.verdict[rows] = found.severity, found.verdict
        reasons |= {int(rows[row]): why for row, why in found.reasons.items()}
        valid = np.flatnonzero(found.verdict != INVALID)
        if parts is not None and valid.size:
            explained = scorer.explain(windows[valid])
            parts.append((rows[valid], explained.contribution.sum(axis=1), explained.reconstruction[:, -1]))


def _explanation(
    parts: list[tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]], scores: Scores, scorer: Scorer
) -> dict[str, pa.Array]:
    empty = np.empty((0, len(scorer.spec)))
    valid = np.concatenate([np.empty(0, dtype=np.intp), *(rows for rows, _, _ in parts)])
    contribution = np.concatenate([empty, *(of for _, of, _ in parts)])
    expected = np.concatenate([empty, *(of for _, _, of in parts)])
    return explanation_columns(valid, contribution, expected, scores, scorer.spec.names)
