"""The time column of a block of records, in seconds. n: records."""

import math
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from model.errors import InputError
from model.quoting import quoted
from model.tables.rows import Rows


def times(rows: Rows, name: str) -> tuple[NDArray[np.float64], dict[int, str]]:
    """Return column ``name`` in seconds [n], NaN where a time cannot be read, and by row why.

    Numbers are seconds as they stand; timestamps and ISO 8601 text become seconds since 1970, those without an offset as
    if in UTC.

    Raises:
        InputError: most of the file's first block is neither numbers nor ISO 8601.
    """
    cells = rows.columns.column(name)
    if pa.types.is_temporal(cells.type):
        try:
            seconds = _seconds(cells.cast(pa.timestamp("us"), safe=False))
        except pa.ArrowException as error:
            raise InputError(
                f"{rows.source.name}: column '{name}' must hold numbers or timestamps, found {cells.type}"
            ) from error
        bad: dict[int, str] = {}
    else:
        numbers, bad = rows.numbers((name,))
        seconds = numbers[:, 0]
        if len(bad) - len(rows.rejects) > len(rows) / 2:
            seconds, bad = _read_iso(cells.cast(pa.string()))
            if rows.first_row == 1 and len(bad) > len(rows) / 2:
                first = next(iter(bad.values()))
                raise InputError(
                    f"{rows.source.name}: column '{name}' must hold numbers or ISO 8601 timestamps: {first}"
                )
            bad = {row: f"'{name}': {why}" for row, why in bad.items()}
    absent = {int(row): f"'{name}' has no value" for row in np.flatnonzero(np.isnan(seconds))}
    infinite = {int(row): f"'{name}' is infinite" for row in np.flatnonzero(np.isinf(seconds))}
    return np.where(np.isinf(seconds), np.nan, seconds), absent | infinite | bad


def _read_iso(cells: pa.Array) -> tuple[NDArray[np.float64], dict[int, str]]:
    for kind in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            return _seconds(cells.cast(kind)), {}
        except pa.ArrowInvalid:
            continue  # offsets, empty cells or words among them: one by one then
    seconds = np.full(len(cells), math.nan)
    bad: dict[int, str] = {}
    for row, text in enumerate(cells.to_pylist()):
        if text is None or not text.strip():
            continue
        try:
            found = datetime.fromisoformat(text.strip())
        except ValueError:
            bad[row] = f"expected a time such as 2026-01-31T08:00:00Z, found {quoted(text)}"
            continue
        seconds[row] = (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    return seconds, bad


def _seconds(stamps: pa.Array) -> NDArray[np.float64]:
    return np.asarray(stamps.cast(pa.int64()).to_numpy(zero_copy_only=False), dtype=np.float64) / 1e6
