"""Samples to put on a latent map, and what colours them. n: samples, Z: latent size."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from model.encoder import Encoder
from model.errors import InputError
from model.features import FeatureSpec
from model.images.read import read_images
from model.images.reader import ImageReader
from model.manifest import Manifest
from model.quoting import printable, quoted
from model.tables.sources import resolve_sources
from model.tables.table import read_rows, require_columns
from model.validity import invalid_samples

MOST_LABELS = 10  # colours that can be told apart
LABEL, TIME = "label", "time"
AT_ONCE = 256  # images


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


def read_map_samples(inputs: str, column: str | None, encoder: Encoder, manifest: Manifest) -> MapSamples:
    """Encode the samples of files and colour them by ``column``, or by their order where it is None.

    Images have no columns: they are coloured by ``label``, the folder they lie in, or by ``time``, their order.

    Raises:
        InputError: the files cannot be read, lack columns, or have no valid sample; or they are of a series.
    """
    if manifest.window is not None:
        raise InputError(f"{inputs}: a map is drawn of rows or images, and this bundle judges windows of a series")
    if manifest.image is not None:
        return _images(inputs, column, encoder, ImageReader.of(manifest))
    return _rows(inputs, column, encoder, manifest.feature_spec)


def _images(inputs: str, colour: str | None, encoder: Encoder, reader: ImageReader) -> MapSamples:
    if colour not in (None, LABEL, TIME):
        raise InputError(
            f"images are coloured by '{LABEL}', their folder, or '{TIME}', their order, found {quoted(colour)}"
        )
    found = read_images([inputs], reader)
    rows = np.arange(len(found))
    parts = [
        encoder.encode(found.samples[rows[start : start + AT_ONCE]]).mean for start in range(0, len(rows), AT_ONCE)
    ]
    folders = [PurePosixPath(place).parent.name for place in found.place]
    if colour == LABEL and len(set(folders)) > MOST_LABELS:
        raise InputError(
            f"{inputs}: {len(set(folders)):,} folders are more than the {MOST_LABELS} colours that can be told apart"
        )
    if colour == LABEL or (colour is None and 1 < len(set(folders)) <= MOST_LABELS):
        colouring = colour_by("folder", folders)
    else:
        colouring = Colouring("image", rows.astype(np.float64))
    return MapSamples(np.concatenate(parts), colouring, len(found.rejected))


def _rows(inputs: str, column: str | None, encoder: Encoder, spec: FeatureSpec) -> MapSamples:
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
