"""Where a request's trace comes from: the header ``traceparent`` of W3C Trace Context."""

import re
from collections.abc import Iterable
from typing import NamedTuple

HEADER = b"traceparent"
# version, trace, span, flags, and what later versions add; ids of zeros alone and version ff are none.
_FORM = re.compile(rb"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-[!-~]*)?")


class TraceParent(NamedTuple):
    """The span that called us; ids in hexadecimal, ``flags`` as they came."""

    trace_id: str
    span_id: str
    flags: int


def trace_parent(header: bytes) -> TraceParent | None:
    """Read the header; None if it does not say what the standard asks, which is then to be as if it were not there."""
    found = _FORM.fullmatch(header)
    if found is None or (found[1] == b"00" and found[5] is not None):
        return None
    return TraceParent(found[2].decode(), found[3].decode(), int(found[4], 16))


def parent_in(headers: Iterable[tuple[bytes, bytes]]) -> TraceParent | None:
    """Find the header among a request's, names in lower case, and read it."""
    said = dict(headers).get(HEADER)
    return None if said is None else trace_parent(said)
