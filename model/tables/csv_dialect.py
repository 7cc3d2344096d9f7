"""How a CSV file writes its cells: found from its first block, or not taken for granted."""

import codecs
import csv
import io
import re
from dataclasses import dataclass

from model.errors import InputError
from model.quoting import quoted
from model.tables.sources import Source

HEAD_BYTES = 1 << 20
NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?")
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
        InputError: the file is no UTF-8 text, or has no header: its first line holds nothing but numbers.
    """
    with source.filesystem.open_input_stream(source.path, compression=None) as stream:
        head = bytes(stream.read(HEAD_BYTES))
    lines = list(io.StringIO(_decode(source, head), newline=""))
    if not lines:
        raise InputError(f"{source}: expected a header and records, found an empty file")
    if not lines[0].strip():
        raise InputError(f"{source}: expected a header in the first line, found a blank one")
    if len(head) == HEAD_BYTES and len(lines) == 1:
        raise InputError(f"{source}: expected a header line, found no line end in the first {HEAD_BYTES:,} bytes")
    try:
        headers = {mark: next(csv.reader(lines, delimiter=mark)) for mark in DELIMITERS}
    except csv.Error as error:
        raise InputError(f"{source}: the header cannot be read: {error}") from error
    most = max(DELIMITERS, key=lambda mark: len(headers[mark]))
    delimiter = most if len(headers[most]) > 1 else ","
    names = tuple(name.strip() for name in headers[delimiter])
    if all(NUMBER.fullmatch(name) for name in names):
        raise InputError(
            f"{source}: expected a header with column names, found numbers: {quoted(names[0])}, ...; "
            "name the columns in the first line"
        )
    return Dialect(delimiter, _decimal_mark(delimiter, lines[1:]), names)


def _decode(source: Source, head: bytes) -> str:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        text = decoder.decode(head, final=len(head) < HEAD_BYTES)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source}: expected UTF-8 text, found byte 0x{head[error.start]:02x} at offset {error.start:,}; "
            "save the file as UTF-8"
        ) from error
    if "\0" in text:
        raise InputError(f"{source}: expected UTF-8 text, found a NUL byte at offset {head.index(0):,}")
    return text


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
