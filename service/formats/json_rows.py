"""Plain JSON bodies, arrays of nothing but numbers, straight into an array; every other body is for the careful reader."""

import threading
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

HAS_SIMDJSON = find_spec("simdjson") is not None  # Pythons that it has no wheel for do without
if HAS_SIMDJSON:
    import simdjson

SAMPLES = "samples"
# A parser keeps what its largest document took, about fourteen times the document.
KEPT_BYTES = 1 << 20
SHORT_BYTES = 8 << 10  # above, numpy counts faster
BYTE_ORDER_MARK = b"\xef"  # simdjson reads over it, JSON has none


@dataclass(frozen=True, slots=True)
class PlainBody:
    """Samples ``x`` [B, F] or [B, T, F], and the body's other fields as JSON has them; B is at least 1."""

    x: NDArray[np.float64]
    others: dict[str, object]


class _OfThread(threading.local):
    """A parser for each thread: one that is in use cannot be used again."""

    def __init__(self) -> None:
        if HAS_SIMDJSON:
            self.parser = simdjson.Parser()


_of_thread = _OfThread()


def read_plain(body: bytes, width: int, most: int, steps: int | None = None) -> PlainBody | None:
    """Read an object whose ``samples`` are arrays of ``width`` numbers, windows of ``steps`` such arrays; None if it is another.

    ``most`` is the largest number of samples. What is read is what the careful reader reads, to the last bit.
    """
    if (
        not HAS_SIMDJSON
        or body.find(b"{", 1) != -1
        or body.startswith(BYTE_ORDER_MARK)
        or (b"n" in body and b"null" in body)
    ):
        return None
    parser = _of_thread.parser if len(body) <= KEPT_BYTES else simdjson.Parser()
    try:
        document = parser.parse(body)
        if not isinstance(document, simdjson.Object):
            return None
        names = [*document]
        samples = document[SAMPLES]
        if not isinstance(samples, simdjson.Array) or not 0 < len(samples) <= most:
            return None
        brackets = _brackets(samples, width, steps)
        others: dict[str, object] = {}
        for name in names:
            if name != SAMPLES:
                value = document[name]
                if isinstance(value, simdjson.Array):
                    brackets += 1
                    others[name] = value.as_list()
                else:
                    others[name] = value
        # As many brackets as there must be at least: no value is in an array of its own. And no name is there twice.
        if brackets != _opened(body) or len(others) != len(names) - 1:
            return None
        x = np.frombuffer(samples.as_buffer(of_type="d"))
        return PlainBody(x.reshape((-1, width) if steps is None else (-1, steps, width)), others)
    except (KeyError, TypeError, ValueError, RuntimeError):
        return None  # no JSON, not of this form, or a value that is no number


def _brackets(samples: Any, width: int, steps: int | None) -> int:
    """Count the arrays that samples of the right form consist of.

    Raises:
        ValueError: they are of another form.
    """
    if steps is None:
        if {*map(len, samples)} != {width}:
            raise ValueError
        return 1 + len(samples)
    for window in samples:
        if len(window) != steps or {*map(len, window)} != {width}:
            raise ValueError
    return 1 + len(samples) * (1 + steps)


def _opened(body: bytes) -> int:
    if len(body) < SHORT_BYTES:
        return body.count(b"[")
    return int(np.count_nonzero(np.frombuffer(body, np.uint8) == ord("[")))
