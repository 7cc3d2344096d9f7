"""Arrow streams that lie are refused in a sentence, at once, in little memory, and never crash the reader."""

import random
import struct
import time
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pytest

from model.features import Feature, FeatureSpec
from service.errors import RequestError, StructureError, TooManySamplesError, UnreadableBodyError
from service.formats.arrow_rows import read_arrow
from service.limits import Limits
from tests.samples import FEATURES, clean_rows
from tests.service.formats.arrow_streams import columns
from tests.service.formats.hostile_messages import (
    DICTIONARY,
    END,
    FIXED_LIST,
    INT,
    LIST,
    NULL,
    UTF8,
    UTF8_VIEW,
    Batch,
    Column,
    framed,
    schema,
)

FLOW = FeatureSpec(features=(Feature(name="flow"),))
WIDE = FeatureSpec(features=tuple(Feature(name=f"f{place}") for place in range(4096)))
NUMBER = struct.pack("<d", 1.5)
SOUND = Batch(1, [(1, 0)], [(0, 0), (0, 8)], NUMBER)
TEXT = Column(b"id", UTF8)
VIEW = Column(b"id", UTF8_VIEW)
FLOATS = Column(b"flow", FIXED_LIST, 3, [Column(b"item")])
HUGE = 2**62
MEBIBYTE = b"x" * (1 << 20)


def read(spec: FeatureSpec, *parts: bytes | Batch, steps: int | None = None, samples: int = 10_000) -> np.ndarray:
    body = b"".join(part if isinstance(part, bytes) else part.written() for part in parts)
    return read_arrow(body, spec, Limits(samples=samples), steps).x


def refusal(spec: FeatureSpec, *parts: bytes | Batch, steps: int | None = None) -> RequestError:
    """Have a stream refused, quickly and without room for what it announces."""
    pool = pa.default_memory_pool()
    before, start = pool.bytes_allocated(), time.perf_counter()
    with pytest.raises(RequestError) as refused:
        read(spec, *parts, steps=steps)
    assert time.perf_counter() - start < 5
    assert pool.bytes_allocated() - before < 64 << 20
    assert len(str(refused.value)) < 1000
    return refused.value


def test_messages_put_together_by_hand_are_read() -> None:
    assert read(FLOW, schema(Column()), SOUND, END).tolist() == [[1.5]]
    lists = Batch(1, [(1, 0), (3, 0)], [(0, 0), (0, 0), (0, 24)], NUMBER * 3)
    assert read(FLOW, schema(FLOATS), lists, steps=3).tolist() == [[[1.5]] * 3]
    texts = Batch(
        1, [(1, 0)] * 2, [(0, 0), (0, 8), (0, 0), (8, 8), (16, 2)], NUMBER + struct.pack("<ii", 0, 2) + b"ab" + bytes(6)
    )
    assert read(FLOW, schema(Column(), TEXT), texts, END).tolist() == [[1.5]]


SCHEMAS = {
    "millions of columns that are one": schema(Column(copies=2_000_000)),
    "columns that share a long name": schema(Column(MEBIBYTE, copies=4000)),
    "columns that share metadata": schema(Column(metadata=[(b"a", MEBIBYTE)], copies=4000)),
    "metadata that is there a million times": schema(Column(), metadata=[(b"a", MEBIBYTE)], pair_copies=1_000_000),
    "empty metadata that is there a million times": schema(Column(), metadata=[(b"", b"")], pair_copies=1_000_000),
    "metadata of a column, a million times": schema(Column(metadata=[(b"a", b"b")], pair_copies=1_000_000)),
    "metadata of a message": schema(Column(), about=[(b"a", MEBIBYTE)]),
    "a list of a column a million times over": schema(
        Column(kind=FIXED_LIST, size=3, children=[Column(copies=1_000_000)])
    ),
    "lists in lists in lists": schema(
        Column(kind=LIST, children=[Column(kind=LIST, children=[Column(kind=LIST, copies=999)], copies=999)], copies=99)
    ),
    "a list of something with a long name": schema(Column(kind=FIXED_LIST, size=3, children=[Column(MEBIBYTE)])),
    "a number that has children": schema(Column(children=[Column(copies=1_000_000)])),
    "a name that is not UTF-8": schema(Column(b"\xff\xfe")),
    "the other byte order": schema(Column(), big_endian=True),
    "an extension": schema(Column(metadata=[(b"ARROW:extension:name", b"arrow.py_extension_type")])),
    "an extension in a list": schema(
        Column(kind=FIXED_LIST, size=3, children=[Column(metadata=[(b"ARROW:extension:name", b"arrow.json")])])
    ),
    "a dictionary": schema(Column(has_dictionary=True)),
    "a type that is not known": schema(Column(kind=99)),
    "integers of a width that is not known": schema(Column(kind=INT, size=7)),
    "lists of a negative size": schema(Column(kind=FIXED_LIST, size=-3, children=[Column()])),
}


@pytest.mark.parametrize("announced", SCHEMAS.values(), ids=SCHEMAS.keys())
@pytest.mark.parametrize("steps", [None, 3])
def test_a_schema_that_announces_too_much_or_nonsense_is_refused(announced: bytes, steps: int | None) -> None:
    refused = refusal(FLOW, announced, SOUND, steps=steps)
    assert isinstance(refused, StructureError | UnreadableBodyError)


FLOAT_BATCHES = {
    "more rows than memory": Batch(HUGE, [(HUGE, 0)], [(0, 0), (0, 8)], NUMBER),
    "fewer than no rows": Batch(-1, [(-1, 0)], [(0, 0), (0, 8)], NUMBER),
    "rows without bytes": Batch(9, [(9, 0)], [(0, 0), (0, 8)], NUMBER),
    "a column longer than the batch": Batch(1, [(9, 0)], [(0, 0), (0, 72)], NUMBER * 9),
    "a column of a huge length": Batch(1, [(HUGE, 0)], [(0, 0), (0, 8)], NUMBER),
    "a column of a negative length": Batch(1, [(-9, 0)], [(0, 0), (0, 8)], NUMBER),
    "a buffer that begins behind the end": Batch(1, [(1, 0)], [(0, 0), (800, 8)], NUMBER),
    "a buffer that begins before the beginning": Batch(1, [(1, 0)], [(0, 0), (-8, 8)], NUMBER),
    "a buffer of a huge length": Batch(1, [(1, 0)], [(0, 0), (0, HUGE)], NUMBER),
    "a buffer of a negative length": Batch(1, [(1, 0)], [(0, 0), (0, -8)], NUMBER),
    "a buffer at a crooked place": Batch(1, [(1, 0)], [(0, 0), (3, 8)], NUMBER * 2),
    "nulls that nothing marks": Batch(1, [(1, 1)], [(0, 0), (0, 8)], NUMBER),
    "more nulls than rows": Batch(1, [(1, HUGE)], [(0, 8), (0, 8)], NUMBER),
    "no buffers": Batch(1, [(1, 0)], []),
    "no columns": Batch(1, [], [(0, 0), (0, 8)], NUMBER),
    "compressed buffers": Batch(1, [(1, 0)], [(0, 0), (0, 16)], struct.pack("<q", HUGE) + NUMBER, is_compressed=True),
    "another message": Batch(1, [(1, 0)], [(0, 0), (0, 8)], NUMBER, kind=DICTIONARY),
    "a tensor": Batch(1, [(1, 0)], [(0, 0), (0, 8)], NUMBER, kind=4),
    "a message of no kind": Batch(1, [(1, 0)], [(0, 0), (0, 8)], NUMBER, kind=77),
    "a schema again": schema(Column()),
    "a body that is not there": Batch(1, [(1, 0)], [(0, 0), (0, 8)], NUMBER, length=1 << 40),
    "a body of a negative length": Batch(1, [(1, 0)], [(0, 0), (0, 8)], NUMBER, length=-8),
    "a body of a crooked length": Batch(1, [(1, 0)], [(0, 0), (0, 8)], NUMBER + b"\x00", length=9),
    "a head of zeros": framed(bytes(64)),
    "a head that is not there": struct.pack("<Ii", 0xFFFFFFFF, 1 << 30),
    "a head of a negative length": struct.pack("<Ii", 0xFFFFFFFF, -64),
    "metadata without end": Batch(1, [(1, 0)], [(0, 0), (0, 8)], NUMBER, about=[(b"a", MEBIBYTE)]),
    "an end, and more": END + SOUND.written(),
    "bytes that are no message": b"\x00" * 16,
    "half a message": SOUND.written()[:-4],
}


@pytest.mark.parametrize("batch", FLOAT_BATCHES.values(), ids=FLOAT_BATCHES.keys())
def test_a_batch_that_lies_is_refused(batch: Batch | bytes) -> None:
    refusal(FLOW, schema(Column()), SOUND, batch)


def views(*texts: tuple[int, int, int]) -> bytes:
    """Write views of long texts: length, buffer, place."""
    return b"".join(struct.pack("<i4sii", length, b"abcd", buffer, place) for length, buffer, place in texts)


def text_batch(offsets: Iterable[int], data: bytes) -> Batch:
    packed = struct.pack(f"<{len([*offsets])}i", *offsets)
    packed += bytes(-len(packed) % 8)
    body = NUMBER + packed + data + bytes(-len(data) % 8)
    return Batch(1, [(1, 0)] * 2, [(0, 0), (0, 8), (0, 0), (8, 8), (8 + len(packed), len(data))], body)


def view_batch(seen: bytes, variadic: list[int], data: bytes = b"abcd" * 8, rows: int = 1) -> Batch:
    body = NUMBER * rows + seen + data
    at = 8 * rows
    buffers = [(0, 0), (0, at), (0, 0), (at, len(seen)), (at + len(seen), len(data))]
    return Batch(rows, [(rows, 0)] * 2, buffers, body, variadic)


def test_views_of_texts_are_read_where_they_do_not_lie() -> None:
    assert read(FLOW, schema(Column(), VIEW), view_batch(views((32, 0, 0)), [1])).tolist() == [[1.5]]


ID_BATCHES = {
    "offsets beyond the text": (TEXT, text_batch([0, 1 << 30], b"ab")),
    "negative offsets": (TEXT, text_batch([-8, 2], b"ab")),
    "offsets that go back": (TEXT, text_batch([2, 0], b"ab")),
    "a text that is not UTF-8": (TEXT, text_batch([0, 2], b"\xff\xfe")),
    "offsets that are not there": (TEXT, Batch(1, [(1, 0)] * 2, [(0, 0), (0, 8), (0, 0), (8, 0), (8, 0)], NUMBER)),
    "a view beyond the text": (VIEW, view_batch(views((32, 0, 8)), [1])),
    "a view of a negative length": (VIEW, view_batch(views((-32, 0, 0)), [1])),
    "a view of a huge length": (VIEW, view_batch(views((2**31 - 1, 0, 0)), [1])),
    "a view of another buffer": (VIEW, view_batch(views((32, 7, 0)), [1])),
    "a view of a buffer before the first": (VIEW, view_batch(views((32, -1, 0)), [1])),
    "views that are not there": (VIEW, view_batch(b"", [1])),
    "more buffers than there are": (VIEW, view_batch(views((32, 0, 0)), [2**31 - 1])),
    "fewer than no buffers": (VIEW, view_batch(views((32, 0, 0)), [-1])),
    "a count for no column": (TEXT, view_batch(views((32, 0, 0)), [HUGE])),
    "no count of buffers": (VIEW, view_batch(views((32, 0, 0)), [])),
}


@pytest.mark.parametrize(("ids", "batch"), ID_BATCHES.values(), ids=ID_BATCHES.keys())
def test_ids_that_lie_are_refused(ids: Column, batch: Batch) -> None:
    refusal(FLOW, schema(Column(), ids), batch)


def test_views_that_share_a_long_text_are_refused() -> None:
    shared = view_batch(views(*[(1 << 20, 0, 0)] * 5000), [1], b"abcd" * (1 << 18), 5000)
    assert "announces more text than there is" in str(refusal(FLOW, schema(Column(), VIEW), shared))


def test_columns_that_share_their_bytes_are_refused_where_they_announce_more_than_a_body_holds() -> None:
    wide = schema(*(Column(feature.name.encode()) for feature in WIDE.features))
    rows = 9_000
    shared = Batch(rows, [(rows, 0)] * 4096, [(0, 0), (0, 8 * rows)] * 4096, NUMBER * rows)
    refused = refusal(WIDE, wide, shared)
    assert isinstance(refused, TooManySamplesError)
    assert refused.details == {"max_samples": 1024}


def test_columns_without_values_are_no_way_around_that() -> None:
    nulls = schema(*(Column(feature.name.encode(), NULL) for feature in WIDE.features))
    refused = refusal(WIDE, nulls, Batch(9_000, [(9_000, 9_000)] * 4096, []))
    assert isinstance(refused, TooManySamplesError)


LIST_BATCHES = {
    "too few values": Batch(1, [(1, 0), (2, 0)], [(0, 0), (0, 0), (0, 16)], NUMBER * 2),
    "no values": Batch(1, [(1, 0), (0, 0)], [(0, 0), (0, 0), (0, 0)]),
    "values that are not there": Batch(1, [(1, 0), (3, 0)], [(0, 0), (0, 0), (0, 8)], NUMBER),
    "a huge number of values": Batch(1, [(1, 0), (HUGE, 0)], [(0, 0), (0, 0), (0, 24)], NUMBER * 3),
    "more rows than memory": Batch(HUGE, [(HUGE, 0), (3, 0)], [(0, 0), (0, 0), (0, 24)], NUMBER * 3),
}


@pytest.mark.parametrize("batch", LIST_BATCHES.values(), ids=LIST_BATCHES.keys())
def test_lists_that_lie_are_refused(batch: Batch) -> None:
    refusal(FLOW, schema(FLOATS), batch, steps=3)


def test_values_behind_those_of_the_lists_are_passed_over() -> None:
    longer = Batch(1, [(1, 0), (5, 0)], [(0, 0), (0, 0), (0, 40)], NUMBER * 5)
    assert read(FLOW, schema(FLOATS), longer, steps=3).tolist() == [[[1.5]] * 3]


def test_every_stream_that_breaks_off_is_refused_or_says_no_more_than_it_said() -> None:
    rows = clean_rows(3)
    spec = FeatureSpec(features=FEATURES)
    whole = columns(dict(zip(spec.names, rows.T, strict=True)) | {"id": ["a", "b", "c"]})
    taken = 0
    for length in range(len(whole)):
        try:
            assert (read(spec, whole[:length]) == rows).all()
            taken += 1
        except RequestError:
            continue
    assert taken == 1  # without the mark of its end


def test_damaged_streams_are_read_or_refused() -> None:
    draw = random.Random(0)
    spec = FeatureSpec(features=FEATURES)
    rows = dict(zip(spec.names, clean_rows(3).T, strict=True))
    kinds = [rows, rows | {"id": [1, 2, 3]}, rows | {"id": pa.array(["a", "b", "c"], pa.string_view())}]
    bodies = [columns(kind) for kind in kinds]
    for _ in range(3000):
        body = bytearray(draw.choice(bodies))
        for _ in range(draw.randrange(1, 5)):
            body[draw.randrange(len(body))] = draw.choice([0, 1, 0x7F, 0x80, 0xFF, draw.randrange(256)])
        try:
            read(spec, bytes(body))
        except RequestError:
            continue
