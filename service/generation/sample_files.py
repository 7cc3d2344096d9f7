"""Samples as a file that every other command reads again: CSV, Parquet, NPZ. n: samples, F: features."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv, parquet

from model.errors import InputError
from model.features import FeatureSpec
from model.tables.numpy_file import NAMES, SAMPLES

Write = Callable[[NDArray[np.float64], FeatureSpec], bytes]


def check_target(target: Path) -> None:
    """Check that ``target`` names a kind of file that samples can be written to.

    Raises:
        InputError: it does not.
    """
    if target.suffix.lower() not in _WRITE:
        raise InputError(f"{target}: expected a file name that ends in {', '.join(_WRITE)}")


def sample_file(target: Path, samples: NDArray[np.float64], spec: FeatureSpec) -> bytes:
    """Write samples [n, F] as the bytes of a file of the kind that ``target`` names, every digit kept."""
    return _WRITE[target.suffix.lower()](samples, spec)


def _csv(samples: NDArray[np.float64], spec: FeatureSpec) -> bytes:
    file = io.BytesIO()
    csv.write_csv(_table(samples, spec), file)
    return file.getvalue()


def _parquet(samples: NDArray[np.float64], spec: FeatureSpec) -> bytes:
    file = io.BytesIO()
    parquet.write_table(_table(samples, spec), file, compression="zstd")
    return file.getvalue()


def _npz(samples: NDArray[np.float64], spec: FeatureSpec) -> bytes:
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **{SAMPLES: samples, NAMES: np.array(spec.names)})
    return file.getvalue()


def _table(samples: NDArray[np.float64], spec: FeatureSpec) -> pa.Table:
    return pa.table([pa.array(column) for column in samples.T], names=list(spec.names))


_WRITE: dict[str, Write] = {".csv": _csv, ".parquet": _parquet, ".npz": _npz}
