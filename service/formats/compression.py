"""Compressed bodies: inflated whole and within bounds, or refused."""

import sys
import zlib
from collections.abc import Iterable

from service.errors import BodyTooLargeError, UnreadableBodyError, UnsupportedTypeError
from service.limits import Limits
from service.wording import shown

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

HEADER = b"content-encoding"
IDENTITY, GZIP, DEFLATE, ZSTD = b"identity", b"gzip", b"deflate", b"zstd"
_KNOWN = {b"gzip": GZIP, b"x-gzip": GZIP, b"deflate": DEFLATE, b"zstd": ZSTD}  # RFC 9110 has the second mean the first
# Each with its own header, and no other: what HTTP calls deflate is in the format of zlib (RFC 9110, 8.4.1.2).
_ZLIB_WINDOWS = {GZIP: 16 + zlib.MAX_WBITS, DEFLATE: zlib.MAX_WBITS}
# The window that RFC 9659 has every HTTP client keep within, 8 MiB: what its decoder holds in memory.
_ZSTD_OPTIONS: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}


def content_encoding(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Say how a body is compressed: ``IDENTITY`` if it is not.

    Raises:
        UnsupportedTypeError: in another way than with gzip, deflate or zstd, or several times over.
    """
    named = [value for name, value in headers if name == HEADER]
    encodings = [each.strip().lower() for value in named for each in value.split(b",")]
    encodings = [each for each in encodings if each != IDENTITY]
    if not encodings:
        return IDENTITY
    if len(encodings) > 1 or encodings[0] not in _KNOWN:
        found = b", ".join(named).decode("latin-1")
        raise UnsupportedTypeError(f"the body may be compressed once, with gzip, deflate or zstd, found {shown(found)}")
    return _KNOWN[encodings[0]]


def inflate(encoding: bytes, body: bytes, limits: Limits) -> bytes:
    """Return what was compressed as ``encoding``; never more of it is made than ``limits`` allow.

    Raises:
        BodyTooLargeError: it is more than that.
        UnreadableBodyError: it is damaged, cut off, or not alone.
    """
    if encoding == IDENTITY:
        return body
    name, most = encoding.decode(), limits.inflated_bytes
    window = _ZLIB_WINDOWS.get(encoding)
    stream = zstd.ZstdDecompressor(options=_ZSTD_OPTIONS) if window is None else zlib.decompressobj(window)
    try:
        inflated = stream.decompress(body, most + 1)
    except (zlib.error, zstd.ZstdError) as error:
        raise UnreadableBodyError(f"the body is not {name}: {error}") from error
    if len(inflated) > most:
        raise BodyTooLargeError(
            f"a compressed body may hold {most:,} bytes; send the samples in several requests",
            {"max_inflated_bytes": most},
        )
    if not stream.eof:
        raise UnreadableBodyError(f"the body is not {name}: it breaks off")
    if stream.unused_data:
        raise UnreadableBodyError(f"the body is not {name} alone: {len(stream.unused_data):,} bytes follow its end")
    return inflated
