"""Arrow messages put together field by field, so that they may announce anything."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import flatbuffers

SCHEMA, DICTIONARY, RECORD_BATCH = 1, 2, 3
NULL, INT, FLOATING, UTF8, LIST, FIXED_LIST, UTF8_VIEW = 1, 2, 3, 5, 12, 16, 24
V5 = 4
Builder = Any
Part = Callable[[Builder], int]
Pairs = Sequence[tuple[bytes, bytes]]


def framed(head: bytes, body: bytes = b"") -> bytes:
    """Write a message around its flatbuffer."""
    head += bytes(-len(head) % 8)
    return struct.pack("<Ii", 0xFFFFFFFF, len(head)) + head + body


END = struct.pack("<Ii", 0xFFFFFFFF, 0)


@dataclass(frozen=True)
class Column:
    """A column of a schema, sound unless it is told otherwise; ``copies`` of it stand in the schema, as one table."""

    name: bytes = b"flow"
    kind: int = FLOATING
    size: int = 2  # the precision of floats, the width of integers, the size of a list
    children: Sequence["Column"] = ()
    metadata: Pairs = ()
    pair_copies: int = 1
    copies: int = 1
    has_dictionary: bool = False


def vector(builder: Builder, offsets: Sequence[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    found: int = builder.EndVector()
    return found


def pairs(builder: Builder, metadata: Pairs, copies: int = 1) -> int:
    """Write key-value pairs; their copies share all bytes."""
    written = []
    for key, value in metadata:
        at_key, at_value = builder.CreateString(key), builder.CreateString(value)
        builder.StartObject(2)
        builder.PrependUOffsetTRelativeSlot(0, at_key, 0)
        builder.PrependUOffsetTRelativeSlot(1, at_value, 0)
        written += [builder.EndObject()] * copies
    return vector(builder, written)


def column(builder: Builder, of: Column) -> int:
    children = vector(builder, [at for child in of.children for at in [column(builder, child)] * child.copies])
    metadata = pairs(builder, of.metadata, of.pair_copies) if of.metadata else 0
    name = builder.CreateString(of.name)
    builder.StartObject(2)
    if of.kind == FLOATING:
        builder.PrependInt16Slot(0, of.size, 0)
    elif of.kind in (INT, FIXED_LIST):
        builder.PrependInt32Slot(0, of.size, 0)
        if of.kind == INT:
            builder.PrependBoolSlot(1, True, False)
    kind = builder.EndObject()
    dictionary = 0
    if of.has_dictionary:
        builder.StartObject(3)
        dictionary = builder.EndObject()
    builder.StartObject(7)
    builder.PrependUOffsetTRelativeSlot(0, name, 0)
    builder.PrependBoolSlot(1, True, False)
    builder.PrependUint8Slot(2, of.kind, 0)
    builder.PrependUOffsetTRelativeSlot(3, kind, 0)
    builder.PrependUOffsetTRelativeSlot(4, dictionary, 0)
    builder.PrependUOffsetTRelativeSlot(5, children, 0)
    builder.PrependUOffsetTRelativeSlot(6, metadata, 0)
    found: int = builder.EndObject()
    return found


def message(kind: int, header: Part, body: bytes = b"", metadata: Pairs = (), length: int | None = None) -> bytes:
    builder = flatbuffers.Builder(1024)
    at = header(builder)
    about = pairs(builder, metadata) if metadata else 0
    builder.StartObject(5)
    builder.PrependInt16Slot(0, V5, 0)
    builder.PrependUint8Slot(1, kind, 0)
    builder.PrependUOffsetTRelativeSlot(2, at, 0)
    builder.PrependInt64Slot(3, len(body) if length is None else length, 0)
    builder.PrependUOffsetTRelativeSlot(4, about, 0)
    builder.Finish(builder.EndObject())
    return framed(bytes(builder.Output()), body)


def schema(
    *columns: Column, metadata: Pairs = (), pair_copies: int = 1, big_endian: bool = False, about: Pairs = ()
) -> bytes:
    def header(builder: Builder) -> int:
        fields = vector(builder, [at for of in columns for at in [column(builder, of)] * of.copies])
        said = pairs(builder, metadata, pair_copies) if metadata else 0
        builder.StartObject(4)
        builder.PrependInt16Slot(0, int(big_endian), 0)
        builder.PrependUOffsetTRelativeSlot(1, fields, 0)
        builder.PrependUOffsetTRelativeSlot(2, said, 0)
        found: int = builder.EndObject()
        return found

    return message(SCHEMA, header, metadata=about)


@dataclass(frozen=True)
class Batch:
    """A record batch: ``nodes`` are lengths and null counts, ``buffers`` are places and lengths in ``body``."""

    rows: int
    nodes: Sequence[tuple[int, int]]
    buffers: Sequence[tuple[int, int]]
    body: bytes = b""
    variadic: Sequence[int] = field(default=())
    kind: int = RECORD_BATCH
    length: int | None = None
    is_compressed: bool = False
    about: Pairs = ()

    def written(self) -> bytes:
        return message(self.kind, self._header, self.body, self.about, self.length)

    def _header(self, builder: Builder) -> int:
        builder.StartVector(8, len(self.variadic), 8)
        for count in reversed(self.variadic):
            builder.PrependInt64(count)
        variadic = builder.EndVector()
        compression = 0
        if self.is_compressed:
            builder.StartObject(2)
            compression = builder.EndObject()
        placed = [_structs(builder, of) for of in (self.buffers, self.nodes)]
        builder.StartObject(5)
        builder.PrependInt64Slot(0, self.rows, 0)
        builder.PrependUOffsetTRelativeSlot(1, placed[1], 0)
        builder.PrependUOffsetTRelativeSlot(2, placed[0], 0)
        builder.PrependUOffsetTRelativeSlot(3, compression, 0)
        builder.PrependUOffsetTRelativeSlot(4, variadic if self.variadic else 0, 0)
        found: int = builder.EndObject()
        return found


def _structs(builder: Builder, values: Sequence[tuple[int, int]]) -> int:
    builder.StartVector(16, len(values), 8)
    for first, second in reversed(values):
        builder.Prep(8, 16)
        builder.PrependInt64(second)
        builder.PrependInt64(first)
    found: int = builder.EndVector()
    return found
