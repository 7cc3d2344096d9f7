"""Files of pump readings for tests of re-scoring."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from model.tables.sources import Source, resolve_sources
from tests.samples import FEATURES

NAMES = [feature.name for feature in FEATURES]


def write_csv(
    file: Path, rows: NDArray[np.float64] | Iterable[Sequence[object]], header: Sequence[str] = NAMES
) -> Path:
    """Write ``rows``, floats to the bit."""
    lines = [",".join(header), *(",".join(str(cell) for cell in row) for row in rows)]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n")
    return file


def write_parquet(file: Path, rows: NDArray[np.float64]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.table(dict(zip(NAMES, rows.T, strict=True))), file)
    return file


def source_of(file: Path) -> Source:
    (source,) = resolve_sources([str(file)])
    return source
