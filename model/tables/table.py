"""Tables in files: column names and rows, whatever the format."""

import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa

from model.errors import InputError
from model.quoting import quoted, quoted_list
from model.tables.csv_dialect import csv_dialect
from model.tables.csv_file import read_csv
from model.tables.numpy_file import NAMES, numpy_names, read_numpy
from model.tables.parquet_file import parquet_names, read_parquet
from model.tables.rows import Rows
from model.tables.sources import Source

_NAMES: dict[str, Callable[[Source], tuple[str, ...]]] = {
    ".csv": lambda source: csv_dialect(source).names,
    ".parquet": parquet_names,
    ".npz": numpy_names,
    ".npy": numpy_names,
}
_ROWS: dict[str, Callable[[Source], Iterator[Rows]]] = {
    ".csv": read_csv,
    ".parquet": read_parquet,
    ".npz": read_numpy,
    ".npy": read_numpy,
}


def column_names(source: Source) -> list[str]:
    """Read the names of the columns, each one present and unlike the others.

    Raises:
        InputError: the file cannot be read, or a name is missing or repeated.
    """
    with _readable(source):
        names = list(_NAMES[source.extension](source))
    if "" in names:
        raise InputError(
            f"{source}: column {names.index('') + 1} of {len(names)} has no name; name it, "
            "or leave it out if it only counts the rows"
        )
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise InputError(f"{source}: column names must differ, found more than once: {quoted_list(repeated)}")
    return names


def require_columns(source: Source, names: Sequence[str]) -> None:
    """Check that ``source`` has all of ``names``.

    Raises:
        InputError: columns are missing; names them, and those that there are.
    """
    found = column_names(source)
    missing = [name for name in names if name not in found]
    if missing:
        hint = f"; name them in {NAMES} of an NPZ file" if source.extension in (".npy", ".npz") else ""
        raise InputError(
            f"{source}: expected columns {quoted_list(missing)}, which it lacks; it has {quoted_list(found)}{hint}"
        )


def read_rows(source: Source) -> Iterator[Rows]:
    """Read ``source`` in blocks of consecutive rows, in order, in bounded memory.

    Raises:
        InputError: the file cannot be read, or has no rows at all.
    """
    column_names(source)
    empty = True
    with _readable(source):
        for rows in _ROWS[source.extension](source):
            empty = False
            yield rows
    if empty:
        raise InputError(f"{source}: expected at least one row, found none")


@contextmanager
def _readable(source: Source) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, pa.ArrowException) as error:
        raise InputError(
            f"{source}: not a readable {source.extension[1:].upper()} file: {quoted(str(error))}"
        ) from error
