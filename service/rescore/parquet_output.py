"""Writing a Parquet file: batches of one schema."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pyarrow as pa
from pyarrow import parquet

from service.rescore.whole_file import whole_file

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
        InputError, OSError: as ``whole_file`` does.
    """
    with whole_file(target) as file:
        output = ParquetOutput(file)
        try:
            yield output
            output.finish()
        except BaseException:
            with suppress(OSError):
                output.close()
            raise
