"""A time column of records, as seconds. n: records."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from model.errors import InputError
from model.tables.rows import Rows


def times(rows: Rows, name: str) -> tuple[NDArray[np.float64], dict[int, str]]:
    """Read column ``name`` as numbers [n] that order rows: seconds for timestamps, the value itself for numbers.

    Also say by row why there is none.

    Raises:
        InputError: it holds neither numbers nor ISO 8601 timestamps.
    """
    cells = rows.columns.column(name)
    if pa.types.is_temporal(cells.type):
        numbers = cells.cast(pa.timestamp("us")).cast(pa.int64())
        values = np.asarray(numbers.to_numpy(zero_copy_only=False), dtype=np.float64) / 1e6
        return values, _absent(values, name)
    values, bad = rows.numbers((name,))
    if len(bad) > len(rows) / 2:
        try:
            stamps = pc.cast(cells, pa.timestamp("us")).cast(pa.int64())
        except pa.ArrowInvalid as error:
            raise InputError(
                f"{rows.source.name}: column '{name}' must hold numbers or ISO 8601 timestamps: {error}"
            ) from error
        values = np.asarray(stamps.to_numpy(zero_copy_only=False), dtype=np.float64)[:, None] / 1e6
        bad = {}
    return values[:, 0], _absent(values[:, 0], name) | bad


def _absent(values: NDArray[np.float64], name: str) -> dict[int, str]:
    return {int(row): f"'{name}' has no value" for row in np.flatnonzero(np.isnan(values))}
