"""Writing a Parquet file: all of it or nothing, and never over another one."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pyarrow as pa
from pyarrow import parquet

from model.errors import InputError

INCOMING = ".incoming-"  # directory listings pass over names that begin with a dot
GROUP_ROWS, GROUP_BYTES = 1 << 17, 32 << 20


class ParquetOutput:
    """A Parquet file being written: batches of one schema, gathered into row groups that read well."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._writer: parquet.ParquetWriter | None = None
        self._gathered: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> None:
        self._gathered.append(batch)
        rows, size = (sum(values) for values in zip(*((len(b), b.nbytes) for b in self._gathered), strict=True))
        if rows >= GROUP_ROWS or size >= GROUP_BYTES:
            self._write_group()

    def finish(self) -> None:
        """Write what is gathered and the footer."""
        self._write_group()
        self.close()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def _write_group(self) -> None:
        if self._gathered:
            table = pa.Table.from_batches(self._gathered)
            if self._writer is None:
                self._writer = parquet.ParquetWriter(self._file, table.schema, compression="zstd")
            self._gathered = []
            self._writer.write_table(table, row_group_size=len(table))


@contextmanager
def parquet_output(target: Path) -> Iterator[ParquetOutput]:
    """Open ``target`` for writing; it appears when the block is left, and whatever fails, nothing of it is left behind.

    Raises:
        InputError: ``target`` is already there.
        OSError: the disk is full or the place cannot be written; names ``target``.
    """
    incoming = target.with_name(f"{INCOMING}{secrets.token_hex(4)}-{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with incoming.open("xb") as file:
            output = ParquetOutput(file)
            try:
                yield output
                output.finish()
            except BaseException:
                with suppress(OSError):
                    output.close()
                raise
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            raise InputError(f"{target}: is already there; outputs are never overwritten")
        incoming.rename(target)
    except OSError as error:
        raise OSError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):  # it is gone where it was renamed, and never was where it could not be opened
            incoming.unlink()
