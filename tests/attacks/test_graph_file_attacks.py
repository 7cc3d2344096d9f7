"""Files that are no ONNX graphs at all. Every digest fits."""

from collections.abc import Callable
from pathlib import Path

import pytest

from model.bundle import GRAPHS
from model.errors import BundleGraphError
from tests.attacks.refusal import assert_refused
from tests.attacks.sealing import put_sealed

RAW: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "truncated": lambda raw: raw[: len(raw) // 2],
    "cut by a byte": lambda raw: raw[:-1],
    "garbage": lambda _: bytes(range(256)) * 8,
    "zeros": lambda _: bytes(1000),
    "text": lambda _: b"<html></html>",
    "a pickle": lambda _: b"\x80\x04N.",
    "doubled": lambda raw: raw + raw,
    "groups nested without end": lambda _: b"\x0b" * 100_000,
    "graphs nested without end": lambda _: nested(5000),
}


def nested(depth: int) -> bytes:
    """Give a model whose graph holds a node whose attribute holds a graph, and so on, as raw protocol buffers."""
    raw = b""
    for _ in range(depth):
        for tag in (0x0A, 0x2A, 0x32):  # GraphProto.node, NodeProto.attribute, AttributeProto.g
            raw = bytes([tag]) + length(len(raw)) + raw
    return bytes([0x3A]) + length(len(raw)) + raw


def length(size: int) -> bytes:
    parts = []
    while size > 127:
        parts.append(size & 127 | 128)
        size >>= 7
    return bytes([*parts, size])


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("spoil", RAW.values(), ids=RAW.keys())
def test_what_is_no_graph_is_refused(bundle: Path, name: str, spoil: Callable[[bytes], bytes]) -> None:
    put_sealed(bundle, name, spoil((bundle / name).read_bytes()))
    assert_refused(bundle, BundleGraphError, name)
