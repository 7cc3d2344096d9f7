"""Headers as ASGI has them, names in lower case, looked up without making anything of the others."""

from collections.abc import Iterable

Headers = Iterable[tuple[bytes, bytes]]


def header(headers: Headers, name: bytes) -> bytes | None:
    """Return the first header of that name, if there is one."""
    for found, value in headers:
        if found == name:
            return value
    return None
