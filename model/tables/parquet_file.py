"""Reading Parquet, a bounded number of cells at a time."""

from collections.abc import Iterator

from pyarrow import parquet

from model.tables.rows import Rows, block_rows
from model.tables.sources import Source


def parquet_names(source: Source) -> tuple[str, ...]:
    """Return the names of the columns."""
    with source.filesystem.open_input_file(source.path) as file:
        return tuple(parquet.read_schema(file).names)


def read_parquet(source: Source) -> Iterator[Rows]:
    """Read ``source`` block by block, columns in the types the file gives them."""
    with source.filesystem.open_input_file(source.path) as file:
        # Without a buffer size Arrow loads a whole row group's column chunks at once.
        reader = parquet.ParquetFile(file, pre_buffer=False, buffer_size=1 << 16, page_checksum_verification=True)
        next_row = 1
        for batch in reader.iter_batches(block_rows(reader.metadata.num_columns), use_threads=False):
            yield Rows(source, next_row, batch)
            next_row += len(batch)
