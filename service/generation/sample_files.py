"""Samples as a file: rows and windows as tables that every other command reads again, images as a sheet or an array.

n: samples, T: steps, F: features, H, W, C: an image's shape.
"""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv, parquet

from model.errors import InputError
from model.image_grid import tile
from model.images.png import png
from model.manifest import Manifest
from model.modality import Modality
from model.tables.numpy_file import NAMES, SAMPLES

Array = NDArray[np.float64]
Write = Callable[[Array, Manifest], bytes]

WINDOW, STEP = "window", "step"  # the columns that tell windows apart and order their steps, both counted from 1


def check_target(target: Path, modality: Modality) -> None:
    """Check that ``target`` names a kind of file that samples of ``modality`` can be written to.

    Raises:
        InputError: it does not.
    """
    if target.suffix.lower() not in _WRITE[modality]:
        raise InputError(f"{target}: expected a file name that ends in {', '.join(_WRITE[modality])}")


def sample_file(target: Path, samples: Array, manifest: Manifest) -> bytes:
    """Write samples [n, ...] as the bytes of a file of the kind that ``target`` names.

    Numbers keep every digit; pixels are rounded, and those beyond the range of a pixel brought to it.
    """
    return _WRITE[manifest.modality][target.suffix.lower()](samples, manifest)


def _csv(samples: Array, manifest: Manifest) -> bytes:
    file = io.BytesIO()
    csv.write_csv(_table(samples, manifest), file)
    return file.getvalue()


def _parquet(samples: Array, manifest: Manifest) -> bytes:
    file = io.BytesIO()
    parquet.write_table(_table(samples, manifest), file, compression="zstd")
    return file.getvalue()


def _npz(samples: Array, manifest: Manifest) -> bytes:
    return _archive({SAMPLES: samples, NAMES: np.array(manifest.feature_spec.names)})


def _image_npz(samples: Array, manifest: Manifest) -> bytes:
    return _archive({SAMPLES: _pixels(samples, manifest)})


def _sheet(samples: Array, manifest: Manifest) -> bytes:
    """Lay the images out on one sheet, as near to a square as they come."""
    pixels = _pixels(samples, manifest)
    white = float(np.iinfo(pixels.dtype).max)
    return png(tile(pixels.astype(np.float64), int(np.ceil(np.sqrt(len(pixels)))), white).astype(pixels.dtype))


def _pixels(samples: Array, manifest: Manifest) -> NDArray[Any]:
    dtype = np.dtype(manifest.form.dtype)
    return np.clip(np.rint(samples), 0, np.iinfo(dtype).max).astype(dtype)


def _archive(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _table(samples: Array, manifest: Manifest) -> pa.Table:
    names = list(manifest.feature_spec.names)
    rows = samples.reshape(-1, len(names))
    columns = [pa.array(column) for column in rows.T]
    if manifest.window is None:
        return pa.table(columns, names=names)
    window, step = np.divmod(np.arange(len(rows)), manifest.window.length)
    return pa.table([pa.array(window + 1), pa.array(step + 1), *columns], names=[WINDOW, STEP, *names])


_WRITE: Mapping[Modality, Mapping[str, Write]] = {
    "tabular": {".csv": _csv, ".parquet": _parquet, ".npz": _npz},
    "window": {".csv": _csv, ".parquet": _parquet, ".npz": _npz},
    "image": {".png": _sheet, ".npz": _image_npz},
}
