"""The two samples that generated ones lead between, from files."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.features import FeatureSpec
from model.images.read import read_images
from model.images.reader import ImageReader
from model.manifest import Manifest
from model.tables.sources import resolve_sources
from model.tables.table import read_rows, require_columns
from model.validity import invalid_samples


def read_ends(inputs: Sequence[str], manifest: Manifest) -> NDArray[Any]:
    """Read the only two samples [2, ...] of the files ``inputs``; the rows of two windows stand one after the other.

    Raises:
        InputError: the files cannot be read, hold more or less than two samples, or samples that are invalid.
    """
    if manifest.image is not None:
        return _images(inputs, manifest)
    rows = 2 if manifest.window is None else 2 * manifest.window.length
    return _rows(inputs, rows, manifest.feature_spec).reshape(2, *manifest.form.shape)


def _images(inputs: Sequence[str], manifest: Manifest) -> NDArray[Any]:
    found = read_images(inputs, ImageReader.of(manifest))
    if found.rejected:
        raise InputError(found.rejected[0])
    if len(found) != 2:
        raise InputError(f"{', '.join(inputs)}: expected two images to go between, found {len(found)}")
    return np.stack([found.samples[np.array([row])][0] for row in (0, 1)])


def _rows(inputs: Sequence[str], count: int, spec: FeatureSpec) -> NDArray[np.float64]:
    parts: list[NDArray[np.float64]] = []
    expected = "two samples to go between" + (f", {count} rows in all" if count > 2 else "")
    for source in resolve_sources(inputs):
        require_columns(source, spec.names)
        for block in read_rows(source):
            if sum(map(len, parts)) + len(block) > count:
                raise InputError(f"{source}: expected {expected}, found more")
            x, unreadable = block.numbers(spec.names)
            reasons = {**invalid_samples(x, spec), **unreadable}
            if reasons:
                row = min(reasons)
                raise InputError(f"{source}: row {block.first_row + row}: {reasons[row]}")
            parts.append(x)
    if sum(map(len, parts)) != count:
        raise InputError(f"{', '.join(inputs)}: expected {expected}, found {sum(map(len, parts))}")
    return np.vstack(parts)
