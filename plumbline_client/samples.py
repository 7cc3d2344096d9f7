"""Samples as a request's body: lists and objects as JSON, arrays as what they hold."""

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
