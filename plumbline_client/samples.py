"""Samples as a request's body: lists and objects as JSON, arrays as the floats they hold."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable


@runtime_checkable
class Array(Protocol):
    """A NumPy array; NumPy itself is not needed here."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> Any: ...
    def __getitem__(self, key: Any, /) -> Any: ...
    def __len__(self) -> int: ...
    def astype(self, dtype: Any, /) -> Any: ...
    def tobytes(self) -> bytes: ...
    def tolist(self) -> Any: ...


Number: TypeAlias = float | None
Row: TypeAlias = Sequence[Number] | Array
NamedRow: TypeAlias = Mapping[str, Number]
Window: TypeAlias = Sequence[Row]
NamedWindow: TypeAlias = Mapping[str, Sequence[Number]]
Sample: TypeAlias = Row | NamedRow | Window | NamedWindow
Samples: TypeAlias = Sequence[Sample] | Array


def to_json(body: Mapping[str, object]) -> bytes:
    """Write JSON. NaN and infinite values stay what they are: the service says of their samples that they are invalid."""
    return json.dumps(body, separators=(",", ":"), default=_plain).encode()


def to_floats(array: Array) -> tuple[bytes, dict[str, str]]:
    """Write an array's values one after the other, and the headers that say how many and how wide; NaN is an absent value.

    float32 goes as it is, every other real number as float64.

    Raises:
        TypeError: it holds something else.
    """
    dtype = array.dtype
    if getattr(dtype, "kind", None) not in ("f", "i", "u"):
        raise TypeError(f"an array of samples holds real numbers, found {dtype}")
    name = "float32" if dtype.kind == "f" and dtype.itemsize == 4 else "float64"
    values: Array = array.astype("<f4" if name == "float32" else "<f8")
    headers = {
        "Content-Type": "application/octet-stream",
        "X-Plumbline-Shape": ",".join(map(str, array.shape)),
        "X-Plumbline-Dtype": name,
    }
    return values.tobytes(), headers


def _plain(value: object) -> object:
    if isinstance(value, Array):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    scalar = getattr(value, "item", None)  # of NumPy's numbers, float64 alone is a float
    if callable(scalar):
        return scalar()
    raise TypeError(f"samples consist of numbers, None, and their names; found {type(value).__name__}")
