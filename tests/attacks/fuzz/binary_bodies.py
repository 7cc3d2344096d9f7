"""Bodies of score requests that are no text: Arrow streams, bare floats, and what is compressed."""

import gzip
import sys
import zlib

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from service.formats.compression import DEFLATE, GZIP, ZSTD, inflate
from service.formats.raw_floats import RAW, read_floats
from service.formats.request import read_request
from service.limits import Limits
from service.registry.models import ServedModel
from tests.attacks.fuzz.target import Target
from tests.service.formats.arrow_streams import columns

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LIMITS = Limits(samples=50, inflated_bytes=100_000)
ARROW_HEADERS = [(b"content-type", b"application/vnd.apache.arrow.stream")]


def arrow_target(name: str, model: ServedModel, samples: NDArray[np.float64]) -> Target:
    """Attack with Arrow streams of ``samples`` [B, F], or [B, T, F] for windows."""
    names = model.spec.names

    def of(x: NDArray[np.float64], dtype: str, **others: object) -> bytes:
        values = {each: pa.array(list(x[..., k]), _type(x, dtype)) for k, each in enumerate(names)}
        return columns({**values, **others})

    corpus = (
        of(samples[:1], "float64"),
        of(samples[:3], "float32"),
        of(samples[:3], "float64", id=pa.array(["a", "b", "c"])),
        of(samples[:3].round(), "int64", id=pa.array([1, 2, 3])),
    )
    words = (b"ARROW1", b"\xff\xff\xff\xff", b"\0" * 8, b"\x10\0\0\0", *(each.encode() for each in names))
    return Target(name, corpus, words, lambda data: read_request(data, ARROW_HEADERS, b"", model, LIMITS))


def _type(x: NDArray[np.float64], dtype: str) -> pa.DataType:
    value = pa.type_for_alias(dtype)
    return value if x.ndim == 2 else pa.list_(value, x.shape[1])


def floats_target(model: ServedModel, rows: NDArray[np.float64]) -> Target:
    """Attack with bare floats: a line that says their shape, one that says their type, then they themselves."""
    corpus = (
        b"3,4\nfloat64\n" + rows[:3].astype("<f8").tobytes(),
        b"2, 4\nfloat32\n" + rows[:2].astype("<f4").tobytes(),
    )

    def read(data: bytes) -> object:
        shape, _, rest = data.partition(b"\n")
        dtype, _, body = rest.partition(b"\n")
        headers = [(b"content-type", RAW.encode()), (b"x-plumbline-shape", shape), (b"x-plumbline-dtype", dtype)]
        return read_floats(body, headers, model.spec, LIMITS)

    return Target("floats", corpus, (b"\n", b"4", b",4", b"999999999,4", b"float16", b"\x7f\xf0\0\0\0\0\0\1"), read)


def compressed_target(rows: NDArray[np.float64]) -> Target:
    """Attack with what is compressed: as the first byte says, by gzip, deflate or zstd."""
    body, bomb = orjson.dumps({"samples": rows[:20].tolist()}), b"0" * 10_000_000
    ways = ((b"g", gzip.compress), (b"d", zlib.compress), (b"z", zstd.compress))
    corpus = [first + compress(text) for first, compress in ways for text in (body, bomb[:90_000])]
    bombs = (*(compress(bomb) for _, compress in ways), b"\x28\xb5\x2f\xfd", b"\x1f\x8b\x08\x1f")

    def read(data: bytes) -> object:
        inflated = inflate({b"g": GZIP, b"d": DEFLATE}.get(data[:1], ZSTD), data[1:], LIMITS)
        assert len(inflated) <= LIMITS.inflated_bytes
        return inflated

    return Target("compressed", corpus, bombs, read)
