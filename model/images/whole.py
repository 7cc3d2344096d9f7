"""Whether a file holds every row that its header announces: decoders fill up what is missing, and say nothing."""

import struct
import zlib
from collections.abc import Iterator
from itertools import starmap

from PIL.TiffImagePlugin import TiffImageFile

PIECE = 1 << 20  # bytes that are unpacked at a time
HEADER_AT, CHUNKS_AT = 16, 8
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a pixel, by colour type (ISO/IEC 15948, 11.2.2)
_AT_ONCE = ((0, 0, 1, 1),)
_ADAM7 = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
BITS, PLANES, SEPARATE = 258, 284, 2


def png_is_whole(raw: bytes) -> bool:
    """Tell whether the packed rows of a PNG, whose chunks are sound, unpack to as many bytes as its header calls for."""
    width, height, bits, colour, _, _, laced = struct.unpack_from(">IIBBBBB", raw, HEADER_AT)
    pixel_bits = bits * _SAMPLES[colour]

    def pass_bytes(x: int, y: int, across: int, down: int) -> int:
        columns, rows = -(-(width - x) // across), -(-(height - y) // down)
        return rows * (1 + -(-columns * pixel_bits // 8)) if columns > 0 and rows > 0 else 0

    missing = sum(starmap(pass_bytes, _ADAM7 if laced else _AT_ONCE))
    unpacking = zlib.decompressobj()
    for packed in _packed(raw):
        data = packed
        while data and missing > 0 and not unpacking.eof:
            missing -= len(unpacking.decompress(data, PIECE))
            data = unpacking.unconsumed_tail
    return missing <= 0


def _packed(raw: bytes) -> Iterator[bytes]:
    at = CHUNKS_AT
    while at + 8 <= len(raw):
        size, kind = struct.unpack_from(">I4s", raw, at)
        if kind == b"IDAT":
            yield raw[at + 8 : at + 8 + size]
        at += 12 + size


def tiff_is_whole(image: TiffImageFile) -> bool:
    """Tell whether the strips or tiles of a TIFF that is not compressed cover it; of compressed ones the decoder tells."""
    if any(tile.codec_name != "raw" for tile in image.tile):
        return True
    tags = image.tag_v2
    planes = len(tags.get(BITS, (1,))) if tags.get(PLANES) == SEPARATE else 1
    covered = sum((right - left) * (lower - upper) for left, upper, right, lower in _extents(image))
    return covered >= image.width * image.height * planes


def _extents(image: TiffImageFile) -> Iterator[tuple[int, int, int, int]]:
    for tile in image.tile:
        if tile.extents is not None:
            yield tile.extents
