"""The sets of a folder: ``tabular/NN_name.npz`` with rows ``X`` [N, F] and labels ``y`` [N], 1 for anomalous."""

import hashlib
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError

SMALL = 1000  # rows; the protocol fills smaller sets up by drawing rows again


@dataclass(frozen=True)
class LabelledSet:
    """All rows ``x`` [N, F] of one set in file order, which of them are ``anomalous`` [N], and its file's SHA-256."""

    name: str
    x: NDArray[np.float64]
    anomalous: NDArray[np.bool_]
    sha256: str

    @property
    def is_small(self) -> bool:
        return len(self.x) < SMALL


def find_sets(data: Path) -> dict[str, Path]:
    """List the sets in ``data/tabular`` by number, then by name.

    Raises:
        InputError: there are none.
    """
    files = {file.stem: file for file in (data / "tabular").glob("*.npz")}
    if not files:
        raise InputError(
            f"{data}: expected sets as tabular/NN_name.npz, found none; docs/quality.md says what they hold"
        )
    return {name: files[name] for name in sorted(files, key=_by_number)}


def _by_number(name: str) -> tuple[int, str]:
    number = re.match(r"\d+", name)
    return (int(number[0]) if number else 0, name)


def read_set(file: Path) -> LabelledSet:
    """Read one set; numbers and truth values of any width are taken, text and objects are not.

    Raises:
        InputError: the file is not such a set; says what was expected of which array.
    """
    try:
        with np.load(file, allow_pickle=False) as arrays:
            found = sorted(arrays)
            if not {"X", "y"} <= set(found):
                raise InputError(f"{file}: expected arrays X and y, found {', '.join(found) or 'none'}")
            x, y = arrays["X"], arrays["y"]
    except (OSError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise InputError(f"{file}: not a readable NPZ file of numbers: {error}") from error
    for name, array, dimensions in (("X", x, 2), ("y", y, 1)):
        if array.ndim != dimensions or array.dtype.kind not in "biuf":
            raise InputError(
                f"{file}: expected {name} to be numbers in {dimensions} dimension{'s'[: dimensions - 1]}, "
                f"found {array.dtype} of shape {array.shape}"
            )
    if len(x) != len(y):
        raise InputError(f"{file}: expected a label for each row, found {len(x):,} rows and {len(y):,} labels")
    if not np.isin(y, (0, 1)).all():
        raise InputError(f"{file}: expected labels 0 and 1, found {y[~np.isin(y, (0, 1))][0]}")
    rows, anomalous = x.astype(np.float64), y.astype(bool)
    unusable = np.argwhere(~np.isfinite(rows))
    if unusable.size:
        row, column = unusable[0]
        raise InputError(f"{file}: expected finite numbers, found {rows[row, column]} in row {row}, column {column}")
    if anomalous.all() or not anomalous.any():
        raise InputError(
            f"{file}: expected normal and anomalous rows, found {int(anomalous.sum()):,} of {len(y):,} anomalous"
        )
    return LabelledSet(file.stem, rows, anomalous, hashlib.sha256(file.read_bytes()).hexdigest())
