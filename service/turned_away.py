"""What a connection is told whose request is none, or that there is no room for."""

from typing import NamedTuple

import orjson
from pydantic import JsonValue

# The parser gathers what is no body in memory, at a cost that grows with its square.
HEAD_BYTES = 64 << 10


class Said(NamedTuple):
    """A status line, perhaps with header lines behind it, and an error in the form they all have."""

    status: bytes
    body: bytes


def _said(status: bytes, code: str, message: str, **details: JsonValue) -> Said:
    return Said(status, orjson.dumps({"error": {"code": code, "message": message, "details": details}}))


HEAD_TOO_LARGE = _said(
    b"431 Request Header Fields Too Large",
    "head_too_large",
    f"path and headers have more than {HEAD_BYTES:,} bytes",
    max_bytes=HEAD_BYTES,
)
NO_REQUEST = _said(b"400 Bad Request", "bad_request", "what was sent is no HTTP request")
TOO_MANY_CONNECTIONS = _said(
    b"503 Service Unavailable\r\nretry-after: 1",
    "too_many_connections",
    "more connections than there is room for",
)
