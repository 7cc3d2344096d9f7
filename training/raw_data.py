"""Files into typed rows: what can be used, and in sentences what could not. Nothing is repaired or dropped silently."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from model.errors import InputError
from model.tables.rows import Rows
from model.tables.sources import Source, resolve_sources
from model.tables.table import column_names, read_rows
from model.tables.times import times

SENTENCES_KEPT = 20
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass
class Rejections:
    """Rows that could not be used: how many, and the first few reasons."""

    count: int = 0
    sentences: list[str] = field(default_factory=list)

    def add(self, place: str, why: str) -> None:
        self.tell(f"{place}: {why}")

    def tell(self, sentence: str) -> None:
        self.count += 1
        if len(self.sentences) < SENTENCES_KEPT:
            self.sentences.append(sentence)


@dataclass(frozen=True)
class RawTable:
    """Rows of numbers [N, F], NaN where a value is missing, in file order, with the columns that place them.

    ``place`` names each row's file and record; ``time`` and ``group`` are None where no such column was asked for;
    ``label`` [N] is True for rows labelled anomalous.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    place: tuple[str, ...]
    time: NDArray[np.float64] | None
    group: NDArray[np.str_] | None
    label: NDArray[np.bool_] | None
    rejections: Rejections
    sources: tuple[str, ...]

    def fingerprint(self) -> str:
        """Identify the data: SHA-256 over names, values, times and groups."""
        digest = hashlib.sha256("\0".join(self.names).encode())
        digest.update(np.ascontiguousarray(self.values).tobytes())
        if self.time is not None:
            digest.update(self.time.tobytes())
        if self.group is not None:
            digest.update("\0".join(self.group.tolist()).encode())
        return f"sha256:{digest.hexdigest()}"


@dataclass(frozen=True)
class Columns:
    """Which columns of the files mean what; ``features`` None takes every column that means nothing else."""

    features: tuple[str, ...] | None = None
    time: str | None = None
    group: str | None = None
    label: str | None = None
    ignore: tuple[str, ...] = ()


def first_columns(inputs: Sequence[str]) -> list[str]:
    """Name the columns of the first file that ``inputs`` resolve to."""
    return column_names(resolve_sources(inputs)[0])


def read_table(inputs: Sequence[str], columns: Columns) -> RawTable:
    """Read every row of ``inputs``, which must share their columns.

    Raises:
        InputError: a file cannot be read, a column is missing, or a feature column holds text.
    """
    sources = resolve_sources(inputs)
    names = _feature_names(sources[0], columns)
    blocks: list[_Block] = []
    rejections = Rejections()
    for source in sources:
        _require(source, [*names, *_placing(columns)])
        for rows in read_rows(source):
            blocks.append(_read_block(rows, names, columns, rejections, first=not blocks))
    if not blocks or not sum(len(block.values) for block in blocks):
        reason = f"; the first: {rejections.sentences[0]}" if rejections.sentences else ""
        raise InputError(f"{', '.join(inputs)}: expected rows of numbers, found none that can be used{reason}")
    return RawTable(
        names=names,
        values=np.concatenate([block.values for block in blocks]),
        place=tuple(place for block in blocks for place in block.place),
        time=_joined(block.time for block in blocks),
        group=_joined(block.group for block in blocks),
        label=_joined(block.label for block in blocks),
        rejections=rejections,
        sources=tuple(source.name for source in sources),
    )


@dataclass(frozen=True)
class _Block:
    values: NDArray[np.float64]
    place: list[str]
    time: NDArray[np.float64] | None
    group: NDArray[np.str_] | None
    label: NDArray[np.bool_] | None


def _read_block(rows: Rows, names: tuple[str, ...], columns: Columns, rejections: Rejections, *, first: bool) -> _Block:
    values, unreadable = rows.numbers(names)
    if first:
        _refuse_text_columns(rows, names, unreadable)
    time = group = label = None
    if columns.time is not None:
        time, bad = times(rows, columns.time)
        unreadable = bad | unreadable
    if columns.group is not None:
        group = np.array(rows.columns.column(columns.group).cast(pa.string()).fill_null("").to_pylist(), dtype=np.str_)
        unreadable = {int(row): f"'{columns.group}' names no group" for row in np.flatnonzero(group == "")} | unreadable
    if columns.label is not None:
        label, bad = _labels(rows, columns.label)
        unreadable = bad | unreadable
    keep = np.ones(len(rows), dtype=bool)
    keep[list(unreadable)] = False
    for row, why in sorted(unreadable.items()):
        rejections.add(f"{rows.source.name} row {rows.first_row + row}", why)
    return _Block(
        values[keep],
        [f"{rows.source.name} row {rows.first_row + row}" for row in np.flatnonzero(keep)],
        None if time is None else time[keep],
        None if group is None else group[keep],
        None if label is None else label[keep],
    )


def _feature_names(source: Source, columns: Columns) -> tuple[str, ...]:
    if columns.features is not None:
        return columns.features
    present = column_names(source)
    named = {*_placing(columns), *columns.ignore}
    absent = sorted(set(columns.ignore) - set(present))
    if absent:
        raise InputError(f"{source.name}: no column '{absent[0]}' to ignore; the columns are {', '.join(present)}")
    names = tuple(name for name in present if name not in named)
    if not names:
        raise InputError(f"{source.name}: no column is left to be a feature of {', '.join(present)}")
    return names


def _placing(columns: Columns) -> list[str]:
    return [name for name in (columns.time, columns.group, columns.label) if name is not None]


def _require(source: Source, names: Iterable[str]) -> None:
    present = column_names(source)
    missing = [name for name in names if name not in present]
    if missing:
        raise InputError(
            f"{source.name}: expected column{'s' if len(missing) > 1 else ''} "
            f"{', '.join(repr(name) for name in missing)}, found {', '.join(present)}"
        )


def _refuse_text_columns(rows: Rows, names: tuple[str, ...], unreadable: dict[int, str]) -> None:
    """Tell a column of text, which is a mistake in the configuration, from a text cell, which is a bad row."""
    if len(unreadable) - len(rows.rejects) <= len(rows) / 2:
        return
    for name in names:
        _, bad = rows.numbers((name,))
        if len(bad) - len(rows.rejects) > len(rows) / 2:
            row, why = next((row, why) for row, why in sorted(bad.items()) if row not in rows.rejects)
            raise InputError(
                f"{rows.source.name}: column '{name}' holds text where features are numbers "
                f"(row {rows.first_row + row}: {why}); name it under ignore, time or group"
            )


_WORDS = {"0": False, "1": True, "0.0": False, "1.0": True, "false": False, "true": True}


def _labels(rows: Rows, name: str) -> tuple[NDArray[np.bool_], dict[int, str]]:
    words = [str(word).strip().lower() for word in rows.columns.column(name).to_pylist()]
    bad = {
        row: f"'{name}' is {word!r}, expected 0 or 1 (or false or true)"
        for row, word in enumerate(words)
        if word not in _WORDS
    }
    return np.array([_WORDS.get(word, False) for word in words], dtype=bool), bad


def _joined(parts: Iterable[NDArray[Scalar] | None]) -> NDArray[Scalar] | None:
    found = [part for part in parts if part is not None]
    return np.concatenate(found) if found else None
