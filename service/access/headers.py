"""Headers that keep browsers from doing with answers what they were not meant for; the same few bytes on every answer."""

from collections.abc import Sequence

Headers = Sequence[tuple[bytes, bytes]]

DOCS = "/docs"  # the one page there is; it says itself what it may load, and its parts may be kept
_EVERY: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_API: Headers = (
    *_EVERY,
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_ENCRYPTED: Headers = ((b"strict-transport-security", b"max-age=31536000"),)


def _lines(headers: Headers) -> bytes:
    return b"".join([b"%b: %b\r\n" % header for header in headers])


_BY_PLACE = {
    (is_docs, is_encrypted): (*(_EVERY if is_docs else _API), *(_ENCRYPTED if is_encrypted else ()))
    for is_docs in (False, True)
    for is_encrypted in (False, True)
}
_LINES = {is_encrypted: _lines(_BY_PLACE[False, is_encrypted]) for is_encrypted in (False, True)}


def security_headers(path: str, *, is_encrypted: bool) -> Headers:
    """Give the headers of any answer, which came over TLS or not."""
    return _BY_PLACE[path.startswith(DOCS), is_encrypted]


def security_lines(*, is_encrypted: bool) -> bytes:
    """Give the headers of an answer of the API as lines, each with its end."""
    return _LINES[is_encrypted]
