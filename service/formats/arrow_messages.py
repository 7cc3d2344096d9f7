"""The messages of an Arrow IPC stream, each looked at before Arrow's own reader sees it.

What a message announces is checked against what the request could possibly need, because the reader makes whatever is announced:
a stream of a few kilobytes can announce gigabytes, by values that many fields share, by compressed buffers, or by counts.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from service.errors import StructureError, UnreadableBodyError
from service.formats.flat_table import FlatTable

ARROW = "application/vnd.apache.arrow.stream"
ALIGNMENT = 8
METADATA_BYTES = 1 << 20  # texts that a message says about itself or its columns; pandas writes some of each column
SCHEMA, RECORD_BATCH = 1, 3
_KINDS = {2: "a dictionary", 4: "a tensor", 5: "a sparse tensor"}

_PREFIX = struct.Struct("<Ii")
_CONTINUES = 0xFFFFFFFF
BYTE, SHORT, LONG = struct.Struct("<B"), struct.Struct("<h"), struct.Struct("<q")
# Of a message, a batch and a key-value pair: the numbers of their fields in Arrow's Message.fbs and Schema.fbs.
_HEADER_TYPE, _HEADER, _BODY_LENGTH, _MESSAGE_METADATA = 1, 2, 3, 4
_LENGTH, _BUFFERS, _COMPRESSION, _VARIADIC_COUNTS = 0, 2, 3, 4
_KEY, _VALUE = 0, 1


@dataclass(frozen=True, slots=True)
class ArrowMessage:
    """One message: its kind, its header, and all of its bytes, body included."""

    kind: int
    header: FlatTable
    raw: memoryview

    @property
    def rows(self) -> int:
        """The number of rows that a record batch announces."""
        return self.header.number(_LENGTH, LONG)


def arrow_messages(body: bytes) -> Iterator[ArrowMessage]:
    """Take a stream apart, one message at a time: a schema, then record batches.

    Raises:
        UnreadableBodyError: it is no Arrow stream, or not whole.
        StructureError: it holds what is not taken.
    """
    view, start, kind = memoryview(body), 0, SCHEMA
    while start < len(view):
        if start + _PREFIX.size > len(view):
            raise _unreadable("it breaks off")
        mark, size = _PREFIX.unpack_from(view, start)
        if mark != _CONTINUES:
            raise _unreadable(f"no message begins at byte {start:,}")
        if size == 0:
            start += _PREFIX.size
            break
        header_end = start + _PREFIX.size + size
        if size < 0 or size % ALIGNMENT or header_end > len(view):
            raise _unreadable(f"the message at byte {start:,} has a head of {size:,} bytes")
        message = FlatTable.root(view[start + _PREFIX.size : header_end])
        length = message.number(_BODY_LENGTH, LONG)
        end = header_end + length
        if length < 0 or length % ALIGNMENT or end > len(view):
            raise _unreadable(f"the message at byte {start:,} has a body of {length:,} bytes")
        yield ArrowMessage(kind, _header(message, kind), view[start:end])
        start, kind = end, RECORD_BATCH
    if kind == SCHEMA:
        raise _unreadable("it has no schema")
    if start < len(view):
        raise _unreadable(f"{len(view) - start:,} bytes follow its end")


def metadata_bytes(table: FlatTable, field: int) -> int:
    """Return how many bytes of texts a vector of key-value pairs announces, and about as many for each pair.

    Raises:
        StructureError: more than ``METADATA_BYTES``.
    """
    announced = 0
    for pair in table.tables(field):
        announced += 64 + pair.count(_KEY) + pair.count(_VALUE)
        if announced > METADATA_BYTES:
            raise StructureError(f"an Arrow stream may have {METADATA_BYTES:,} bytes of metadata, found more")
    return announced


def metadata_keys(table: FlatTable, field: int) -> Iterator[bytes]:
    """Go through the keys of key-value pairs."""
    for pair in table.tables(field):
        yield pair.text(_KEY)


def _header(message: FlatTable, kind: int) -> FlatTable:
    """Return the header of a message that is of ``kind``, and asks for no more than it brings."""
    found = message.number(_HEADER_TYPE, BYTE)
    header = message.table(_HEADER)
    if found in _KINDS:
        raise StructureError(f"an Arrow stream of samples may hold a schema and record batches, found {_KINDS[found]}")
    if found != kind or header is None:
        raise _unreadable("it must be a schema and record batches")
    metadata_bytes(message, _MESSAGE_METADATA)
    if kind == RECORD_BATCH:
        if header.table(_COMPRESSION) is not None:
            raise StructureError(
                "the buffers of an Arrow stream must not be compressed; Content-Encoding compresses all of it"
            )
        buffers = header.count(_BUFFERS)
        if any(not 0 <= count <= buffers for count in header.numbers(_VARIADIC_COUNTS, LONG)):
            raise _unreadable("a batch announces more buffers than it has")
    return header


def _unreadable(why: str) -> UnreadableBodyError:
    return UnreadableBodyError(f"the body is no Arrow stream: {why}")
