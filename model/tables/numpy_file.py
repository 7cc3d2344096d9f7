"""Reading NumPy arrays as tables: ``.npy`` holds X [n, F]; ``.npz`` holds X and, if wanted, y [n] and feature_names [F].

Arrays are read from their streams a block at a time: nothing is unpickled, and a compressed one needs no room.
"""

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from tokenize import TokenError
from typing import IO

import numpy as np
import pyarrow as pa
from numpy.lib import format as npy
from numpy.typing import NDArray

from model.errors import InputError
from model.quoting import quoted
from model.tables.rows import Rows, block_rows
from model.tables.sources import Source

SAMPLES, LABEL, NAMES = "X", "y", "feature_names"
MAX_COLUMNS = 1 << 16
MAX_NAMES_BYTES = 64 << 20
MAX_FORTRAN_BYTES = 1 << 30


def numpy_names(source: Source) -> tuple[str, ...]:
    """Return the names of the columns: ``feature_names`` or f0, f1, ..., then y where there is one."""
    with _open_table(source) as table:
        return table.names


def read_numpy(source: Source) -> Iterator[Rows]:
    """Read ``source`` block by block, all columns as float64."""
    with _open_table(source) as table:
        step = block_rows(len(table.names))
        for start in range(0, table.x.shape[0], step):
            count = min(step, table.x.shape[0] - start)
            columns = [*table.x.take(count).T, *([table.y.take(count)] if table.y else [])]
            yield Rows(source, start + 1, pa.RecordBatch.from_arrays([pa.array(c) for c in columns], list(table.names)))


class _Array:
    """An array in a stream, taken by its first axis from front to back."""

    def __init__(self, source: Source, name: str, file: IO[bytes], dimensions: int, kinds: str = "fiu") -> None:
        self._place = f"{source}: {name}"
        self._file = file
        version = npy.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise InputError(f"{self._place} is in NumPy format {version[0]}.{version[1]}, expected 1.0 or 2.0")
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        try:
            self.shape, by_columns, self._dtype = read_header(file)
        except (MemoryError, SyntaxError, TokenError, TypeError) as error:  # NumPy evaluates the header
            raise ValueError(f"{name} has a header that is none") from error
        if self._dtype.kind not in kinds:
            raise InputError(f"{self._place} holds {self._dtype}, expected numbers")
        if len(self.shape) != dimensions:
            raise InputError(f"{self._place} has shape {self.shape}, expected {dimensions} dimensions")
        self._by_columns = by_columns and dimensions == 2
        self._whole: NDArray[np.generic] | None = None

    def take(self, count: int) -> NDArray[np.float64]:
        """Return the next ``count`` entries as float64 [count, ...]."""
        if not self._by_columns:
            return self._read((count, *self.shape[1:])).astype(np.float64)
        rest = self._read_by_columns() if self._whole is None else self._whole
        self._whole = rest[count:]
        return rest[:count].astype(np.float64)

    def _read(self, shape: tuple[int, ...]) -> NDArray[np.generic]:
        size = int(np.prod(shape, dtype=object)) * self._dtype.itemsize
        raw = self._file.read(size)
        if len(raw) != size:
            raise InputError(f"{self._place} is cut short: its header promises shape {self.shape}")
        return np.frombuffer(raw, self._dtype).reshape(shape)

    def _read_by_columns(self) -> NDArray[np.generic]:
        size = int(np.prod(self.shape, dtype=object)) * self._dtype.itemsize
        if size > MAX_FORTRAN_BYTES:
            raise InputError(
                f"{self._place} is stored column by column (Fortran order) and holds {size:,} bytes, of such an array "
                f"at most {MAX_FORTRAN_BYTES:,} can be read; save it with numpy.ascontiguousarray"
            )
        return self._read(self.shape[::-1]).T


@dataclass(frozen=True)
class _Table:
    names: tuple[str, ...]
    x: _Array
    y: _Array | None


@contextmanager
def _open_table(source: Source) -> Iterator[_Table]:
    with ExitStack() as stack:
        file = stack.enter_context(source.filesystem.open_input_file(source.path))
        if source.extension == ".npy":
            x = _Array(source, "the array", file, 2)
            yield _Table(_default_names(source, x), x, None)
            return
        archive = stack.enter_context(zipfile.ZipFile(file))
        members = {name.removesuffix(".npy"): name for name in archive.namelist()}
        if SAMPLES not in members:
            raise InputError(f"{source}: expected an array {SAMPLES}, found {quoted(sorted(members))}")
        x = _Array(source, SAMPLES, stack.enter_context(archive.open(members[SAMPLES])), 2)
        names = _default_names(source, x)
        if NAMES in members:
            names = _stored_names(source, archive, members[NAMES], x.shape[1])
        y = None
        if LABEL in members:
            y = _Array(source, LABEL, stack.enter_context(archive.open(members[LABEL])), 1, kinds="fiub")
            if y.shape != x.shape[:1]:
                raise InputError(
                    f"{source}: {LABEL} has {y.shape[0]} entries, expected one for each of {x.shape[0]} rows"
                )
        yield _Table((*names, LABEL) if y else names, x, y)


def _default_names(source: Source, x: _Array) -> tuple[str, ...]:
    if not 1 <= x.shape[1] <= MAX_COLUMNS:
        raise InputError(f"{source}: expected 1 to {MAX_COLUMNS:,} columns, found {x.shape[1]:,}")
    return tuple(f"f{index}" for index in range(x.shape[1]))


def _stored_names(source: Source, archive: zipfile.ZipFile, member: str, count: int) -> tuple[str, ...]:
    if archive.getinfo(member).file_size > MAX_NAMES_BYTES:
        raise InputError(f"{source}: {NAMES} holds more than {MAX_NAMES_BYTES:,} bytes")
    with archive.open(member) as file:
        names = npy.read_array(file, allow_pickle=False)
    if names.dtype.kind != "U" or names.shape != (count,):
        raise InputError(f"{source}: {NAMES} is {names.dtype} {names.shape}, expected {count} texts")
    return tuple(str(name) for name in names)
