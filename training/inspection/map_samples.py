"""Samples to put on a latent map, and what colours them. n: samples, Z: latent size."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from model.encoder import Encoder
from model.errors import InputError
from model.features import FeatureSpec
from model.quoting import printable, quoted
from model.tables.sources import resolve_sources
from model.tables.table import read_rows, require_columns
from model.validity import invalid_samples

MOST_LABELS = 10  # colours that can be told apart


@dataclass(frozen=True)
class Colouring:
    """What colours n samples: ``values`` [n], which number ``labels`` or, where there are none, run ``ends[0]`` to ``ends[1]``."""

    title: str
    values: NDArray[np.float64]
    labels: tuple[str, ...] = ()
    ends: tuple[str, str] = ("first", "last")


@dataclass(frozen=True)
class MapSamples:
    """Posterior means [n, Z] of the valid samples of files, how they are coloured, and how many were ``invalid``."""

    latents: NDArray[np.float64]
    colouring: Colouring
    invalid: int


def read_map_samples(inputs: str, column: str | None, encoder: Encoder, spec: FeatureSpec) -> MapSamples:
    """Encode the rows of files and colour them by ``column``, or by their order where it is None.

    Raises:
        InputError: the files cannot be read, lack columns, or have no valid row.
    """
    latents, cells, invalid = [], list[object](), 0
    for source in resolve_sources([inputs]):
        require_columns(source, [*spec.names, *([column] if column else [])])
        for block in read_rows(source):
            x, unreadable = block.numbers(spec.names)
            good = np.ones(len(x), dtype=bool)
            good[[*invalid_samples(x, spec), *unreadable]] = False
            invalid += int((~good).sum())
            if good.any():
                latents.append(encoder.encode(x[good]).mean)
            if column:
                cells += block.columns.column(column).filter(pa.array(good)).to_pylist()
    if not latents:
        raise InputError(f"{inputs}: holds no valid row to put on a map")
    means = np.concatenate(latents)
    colouring = Colouring("row", np.arange(len(means), dtype=float)) if column is None else colour_by(column, cells)
    return MapSamples(means, colouring, invalid)


def colour_by(column: str, cells: Sequence[object]) -> Colouring:
    """Take few different values as labels; more of them as numbers or, where they are text, in their alphabetical order.

    Times as ISO 8601 writes them come in order by that.
    """
    text = np.array(["" if cell is None else str(cell) for cell in cells])
    different, number = np.unique(text, return_inverse=True)
    title = printable(column)
    if len(different) <= MOST_LABELS:
        return Colouring(title, number.astype(np.float64), tuple(printable(label) or "none" for label in different))
    try:
        values = text.astype(np.float64)
    except ValueError:
        return Colouring(title, number.astype(np.float64), ends=(printable(different[0]), printable(different[-1])))
    if not np.isfinite(values).all():
        raise InputError(f"column {quoted(column)} holds values that are missing or infinite, which have no colour")
    return Colouring(title, values, ends=(f"{values.min():g}", f"{values.max():g}"))
