"""Reading CSV: every record keeps its place, those that cannot be read included."""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa
from pyarrow import csv as pacsv

from model.errors import InputError
from model.rows import Rows
from model.sources import Source
from model.validity import UNREADABLE, reason

BLOCK_BYTES = 1 << 20  # the fastest of those measured, and the longest record there can be
MAX_REJECTS = 100_000  # as many bad records on end mean that the header is wrong, not the records
DELIMITERS = ("\t", ";", ",")  # where a header has as many of one as of another, the commas are in its units


@dataclass(frozen=True)
class Dialect:
    """How a file writes its cells. ``names`` are its columns, in order."""

    delimiter: str
    decimal_mark: str
    names: tuple[str, ...]


def csv_dialect(source: Source) -> Dialect:
    """Find out how ``source`` writes its cells, from its first block.

    Raises:
        InputError: the file is no UTF-8 text, or has no header.
    """
    with source.filesystem.open_input_stream(source.path, compression=None) as stream:
        head = bytes(stream.read(BLOCK_BYTES))
    lines = list(io.StringIO(_decode(source, head).lstrip("\r\n"), newline=""))
    if not lines:
        raise InputError(f"{source}: expected a header and records, found an empty file")
    if len(head) == BLOCK_BYTES and len(lines) == 1:
        raise InputError(f"{source}: expected a header line, found no line end in the first {BLOCK_BYTES:,} bytes")
    try:
        headers = {mark: next(csv.reader(lines, delimiter=mark)) for mark in DELIMITERS}
    except csv.Error as error:
        raise InputError(f"{source}: the header cannot be read: {error}") from error
    delimiter = max(DELIMITERS, key=lambda mark: len(headers[mark]))
    names = tuple(name.strip() for name in headers[delimiter])
    return Dialect(delimiter, _decimal_mark(delimiter, lines[1:]), names)


def read_csv(source: Source) -> Iterator[Rows]:
    """Read ``source`` block by block, all cells as text. Blank lines are no records, except where there is one column.

    A record with more or fewer cells than the header is rejected but keeps its place.

    Raises:
        InputError: the file is no UTF-8 text, has no header, or its records cannot be told apart.
    """
    dialect = csv_dialect(source)
    rejects: deque[tuple[int, str]] = deque()  # record number and why; Arrow parses ahead of what it hands over

    def reject(row: pacsv.InvalidRow) -> str:
        if len(rejects) == MAX_REJECTS:
            return "error"
        detail = f"expected {row.expected_columns} cells, found {row.actual_columns}"
        rejects.append((row.number - 1, reason(UNREADABLE, detail)))  # the header is Arrow's row 1
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
            next_row = 1
            for batch in chain(reader, [pa.RecordBatch.from_pylist([], reader.schema)]):
                columns = pa.RecordBatch.from_arrays(batch.columns, list(dialect.names))
                columns, rejected = _in_place(columns, next_row, rejects)
                if len(columns):
                    yield Rows(source, next_row, columns, rejected, dialect.decimal_mark)
                    next_row += len(columns)
        except pa.ArrowInvalid as error:
            raise InputError(f"{source}: {_explain(str(error))}") from error


def _decode(source: Source, head: bytes) -> str:
    if b"\0" in head:
        raise InputError(f"{source}: expected UTF-8 text, found a NUL byte at offset {head.index(0):,}")
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        return decoder.decode(head, final=len(head) < BLOCK_BYTES)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source}: expected UTF-8 text, found byte 0x{head[error.start]:02x} at offset {error.start:,}; "
            "save the file as UTF-8"
        ) from error


def _decimal_mark(delimiter: str, lines: list[str]) -> str:
    """Take the comma for the decimal mark where it is beyond doubt, otherwise the point.

    It is where commas do not separate cells, no number has a point, and some number with a comma cannot be one with
    thousands separators.
    """
    if delimiter == ",":
        return "."
    body = "".join(lines)
    cells = [cell.strip(' "') for cell in re.split(rf"[{delimiter}\r\n]", body)] if "," in body else []
    if any(re.fullmatch(r"[+-]?\d*\.\d+([eE][+-]?\d+)?", cell) for cell in cells):
        return "."
    with_comma = [cell for cell in cells if re.fullmatch(r"[+-]?\d*,\d+([eE][+-]?\d+)?", cell)]
    return "." if all(re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", cell) for cell in with_comma) else ","


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


def _explain(message: str) -> str:
    if "straddling" in message:
        return f"a record is longer than {BLOCK_BYTES:,} bytes; is a quote not closed?"
    if "UTF8" in message:
        return f"expected UTF-8 text; save the file as UTF-8 ({message})"
    return f"not readable as CSV: {message}"
