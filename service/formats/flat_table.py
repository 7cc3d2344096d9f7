"""A table of a flatbuffer that nobody vouches for, read one field at a time; no offset is trusted.

Only what has to be known before Arrow's own reader may see a message is read here: how much it announces.
"""

import struct
from collections.abc import Iterator

from service.errors import UnreadableBodyError

_OFFSET = struct.Struct("<I")
_BACK = struct.Struct("<i")
_SHORT = struct.Struct("<H")


class FlatTable:
    """The table at ``start`` of ``data``. Fields are known by their number, in the order of their declaration."""

    __slots__ = ("_data", "_fields", "_start", "_vtable")

    def __init__(self, data: memoryview, start: int) -> None:
        self._data, self._start = data, start
        self._vtable = start - self._read(_BACK, start)
        self._fields = (self._read(_SHORT, self._vtable) - 4) // 2

    @classmethod
    def root(cls, data: memoryview) -> "FlatTable":
        """Return the table that a flatbuffer is of."""
        return cls(data, _at(_OFFSET, data, 0))

    def number(self, field: int, kind: struct.Struct, default: int = 0) -> int:
        place = self._place(field)
        return default if place is None else self._read(kind, place)

    def table(self, field: int) -> "FlatTable | None":
        place = self._place(field)
        return None if place is None else FlatTable(self._data, place + self._read(_OFFSET, place))

    def count(self, field: int) -> int:
        """Return the length of a vector, or of a text in bytes; 0 where it is absent."""
        place = self._vector(field)
        return 0 if place is None else self._read(_OFFSET, place)

    def tables(self, field: int) -> Iterator["FlatTable"]:
        """Go through a vector of tables."""
        vector = self._vector(field)
        if vector is not None:
            for place in range(vector + 4, vector + 4 + 4 * self._read(_OFFSET, vector), 4):
                yield FlatTable(self._data, place + self._read(_OFFSET, place))

    def numbers(self, field: int, kind: struct.Struct) -> Iterator[int]:
        """Go through a vector of numbers."""
        vector = self._vector(field)
        if vector is not None:
            size = kind.size
            for place in range(vector + 4, vector + 4 + size * self._read(_OFFSET, vector), size):
                yield self._read(kind, place)

    def text(self, field: int) -> bytes:
        vector = self._vector(field)
        if vector is None:
            return b""
        start, size = vector + 4, self._read(_OFFSET, vector)
        if start + size > len(self._data):
            raise _points_beyond()
        return bytes(self._data[start : start + size])

    def _place(self, field: int) -> int | None:
        if field >= self._fields:
            return None
        offset = self._read(_SHORT, self._vtable + 4 + 2 * field)
        return self._start + offset if offset else None

    def _vector(self, field: int) -> int | None:
        place = self._place(field)
        return None if place is None else place + self._read(_OFFSET, place)

    def _read(self, kind: struct.Struct, place: int) -> int:
        return _at(kind, self._data, place)


def _at(kind: struct.Struct, data: memoryview, place: int) -> int:
    if not 0 <= place <= len(data) - kind.size:
        raise _points_beyond()
    number: int = kind.unpack_from(data, place)[0]
    return number


def _points_beyond() -> UnreadableBodyError:
    return UnreadableBodyError("the body is no Arrow stream: a message of it points beyond its own end")
