"""What a request on the hot path asks, whatever form it came in."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from service.hot_path.line import Batch, Values

ALL_READABLE: Mapping[int, str] = MappingProxyType({})

# Writes the answer to the request of an id, the lines of its headers and its body, from rows ``start`` to ``stop`` of a batch.
Write = Callable[[str, Batch, int, int], tuple[bytes, bytes]]


class Asked(NamedTuple):
    """The ``values`` of ``rows`` samples; ``unreadable`` says by row why one cannot be read."""

    values: Values
    rows: int
    unreadable: Mapping[int, str]
    write: Write
