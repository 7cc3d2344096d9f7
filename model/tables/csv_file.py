"""Reading CSV: every record keeps its place, those that cannot be read included."""

from collections import deque
from collections.abc import Iterator
from itertools import chain

import numpy as np
import pyarrow as pa
from pyarrow import csv as pacsv

from model.errors import InputError
from model.quoting import quoted
from model.tables.csv_dialect import csv_dialect
from model.tables.rows import Rows
from model.tables.sources import Source
from model.validity import UNREADABLE, reason

BLOCK_BYTES = 1 << 20  # the fastest of those measured, and the longest record there can be
MAX_REJECTS = 100_000  # as many bad records on end mean that the header is wrong, not the records


def read_csv(source: Source) -> Iterator[Rows]:
    """Read ``source`` block by block, all cells as text. Blank lines are no records, except where there is one column.

    A record with more or fewer cells than the header is rejected but keeps its place, unless it runs over several
    lines: then a stray quote joined records, and nobody can tell how many.

    Raises:
        InputError: the file is no UTF-8 text, has no header, or its records cannot be told apart.
    """
    dialect = csv_dialect(source)
    rejects: deque[tuple[int, str]] = deque()  # record number and why; Arrow parses ahead of what it hands over
    joined: list[str] = []

    def reject(row: pacsv.InvalidRow) -> str:
        if len(rejects) == MAX_REJECTS:
            return "error"
        number = row.number - 1  # the header is Arrow's row 1
        detail = f"expected {row.expected_columns} cells, found {row.actual_columns}"
        lines = max(row.text.count("\n"), row.text.count("\r")) + 1
        if lines > 1:
            joined.append(f"row {number} runs over {lines:,} lines, {detail}; a quote is not closed")
            return "error"
        rejects.append((number, reason(UNREADABLE, detail)))
        return "skip"

    with source.filesystem.open_input_stream(source.path, compression=None) as stream:
        try:
            reader = pacsv.open_csv(
                stream,
                # With several threads Arrow does not know the number of a row that it rejects.
                read_options=pacsv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES),
                parse_options=pacsv.ParseOptions(
                    delimiter=dialect.delimiter,
                    newlines_in_values=True,
                    ignore_empty_lines=len(dialect.names) > 1,
                    invalid_row_handler=reject,
                ),
                convert_options=pacsv.ConvertOptions(default_column_type=pa.string()),
            )
            next_row, last_cell = 1, None
            for batch in chain(reader, [pa.RecordBatch.from_pylist([], reader.schema)]):
                columns = pa.RecordBatch.from_arrays(batch.columns, list(dialect.names))
                columns, rejected = _in_place(columns, next_row, rejects)
                if len(columns):
                    last_cell = columns.column(-1)[-1].as_py()
                    yield Rows(source, next_row, columns, rejected, dialect.decimal_mark)
                    next_row += len(columns)
        except pa.ArrowInvalid as error:
            raise InputError(f"{source}: {joined[0] if joined else _explain(str(error))}") from error
    _check_closed(source, last_cell)


def _in_place(
    batch: pa.RecordBatch, first_row: int, rejects: deque[tuple[int, str]]
) -> tuple[pa.RecordBatch, dict[int, str]]:
    """Put a row of nulls where each of ``rejects`` stood, as far as ``batch`` reaches."""
    end, rejected = first_row + len(batch), {}
    while rejects and rejects[0][0] <= end:
        number, why = rejects.popleft()
        rejected[number - first_row] = why
        end += 1
    if not rejected:
        return batch, rejected
    hole = np.zeros(end - first_row, dtype=bool)
    hole[list(rejected)] = True
    return batch.take(pa.array(np.cumsum(~hole) - 1, mask=hole)), rejected


def _check_closed(source: Source, last_cell: str | None) -> None:
    """Refuse a file whose last quote is never closed: Arrow takes all that follows it for one cell."""
    if last_cell is None or "\n" not in last_cell:
        return
    with source.filesystem.open_input_file(source.path) as file:
        file.seek(max(file.size() - 8, 0))
        end = bytes(file.read())
    if not end.rstrip(b"\r\n").endswith(b'"'):
        raise InputError(f"{source}: the last record runs over {last_cell.count(chr(10))} lines; a quote is not closed")


def _explain(message: str) -> str:
    if "Empty CSV" in message:
        return "expected records below the header, found none"
    if "straddling" in message:
        return f"a record is longer than {BLOCK_BYTES:,} bytes; is a quote not closed?"
    if "UTF8" in message:
        return f"expected UTF-8 text; save the file as UTF-8 ({message})"
    return f"not readable as CSV: {quoted(message)}"  # it repeats the record
