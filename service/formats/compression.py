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
IDENTITY, GZIP, ZSTD = b"identity", b"gzip", b"zstd"
_KNOWN = {b"gzip": GZIP, b"x-gzip": GZIP, b"zstd": ZSTD}  # RFC 9110 has the second mean the first
_GZIP_WINDOW = 16 + zlib.MAX_WBITS  # gzip's own header, and no other
# The window that RFC 9659 has every HTTP client keep within, 8 MiB: what its decoder holds in memory.
_ZSTD_OPTIONS: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}


def content_encoding(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Say how a body is compressed: ``IDENTITY`` if it is not.

    Raises:
        UnsupportedTypeError: in another way than with gzip or zstd, or several times over.
    """
    named = [value for name, value in headers if name == HEADER]
    encodings = [each.strip().lower() for value in named for each in value.split(b",")]
    encodings = [each for each in encodings if each != IDENTITY]
    if not encodings:
        return IDENTITY
    if len(encodings) > 1 or encodings[0] not in _KNOWN:
        found = b", ".join(named).decode("latin-1")
        raise UnsupportedTypeError(f"the body may be compressed once, with gzip or zstd, found {shown(found)}")
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
    stream = zlib.decompressobj(_GZIP_WINDOW) if encoding == GZIP else zstd.ZstdDecompressor(options=_ZSTD_OPTIONS)
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
