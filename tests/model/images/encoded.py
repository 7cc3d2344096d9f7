"""Small images, encoded in ways that the project itself never writes."""

import io
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

GREY8 = np.arange(35, dtype=np.uint8).reshape(5, 7, 1) * 7
COLOUR8 = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
GREY16 = np.arange(35, dtype=np.uint16).reshape(5, 7, 1) * 1801
COLOUR16 = np.random.default_rng(1).integers(0, 1 << 16, (5, 7, 3), dtype=np.uint16)


def encoded(pixels: NDArray[Any], form: str = "PNG", mode: str | None = None, **options: Any) -> bytes:
    """Encode ``pixels`` [H, W, C] by Pillow, which has no 16-bit colour; ``mode`` converts first."""
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    file = io.BytesIO()
    (image.convert(mode) if mode else image).save(file, form, **options)
    return file.getvalue()


def tiff16(pixels: NDArray[np.uint16], order: str = "<", photometric: int = 2, planes: int = 1) -> bytes:
    """Write 16-bit colour [H, W, 3] as an uncompressed TIFF of one strip, in byte order ``order``."""
    height, width, channels = pixels.shape
    stored = pixels if planes == 1 else pixels.transpose(2, 0, 1)
    data = stored.astype(f"{order}u2").tobytes()
    bits_at = 8 + len(data)
    short, long = 3, 4
    tags = [
        (256, short, 1, width),
        (257, short, 1, height),
        (258, short, channels, bits_at if channels > 2 else 16),
        (259, short, 1, 1),
        (262, short, 1, photometric),
        (273, long, 1, 8),
        (277, short, 1, channels),
        (278, short, 1, height),
        (279, long, 1, len(data)),
        (284, short, 1, planes),
    ]
    entries = b"".join(
        struct.pack(f"{order}HHI", tag, kind, count)
        + struct.pack(
            f"{order}HH" if kind == short and count == 1 else f"{order}I",
            *([value, 0] if kind == short and count == 1 else [value]),
        )
        for tag, kind, count, value in tags
    )
    directory = struct.pack(f"{order}H", len(tags)) + entries + bytes(4)
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, bits_at + 2 * channels)
    return head + data + struct.pack(f"{order}{channels}H", *[16] * channels) + directory


def turned(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Turn as the EXIF standard tells: 1 to 8 are where row 0 and column 0 of what is stored lie, as seen."""
    row, column = {
        1: ("top", "left"),
        2: ("top", "right"),
        3: ("bottom", "right"),
        4: ("bottom", "left"),
        5: ("left", "top"),
        6: ("right", "top"),
        7: ("right", "bottom"),
        8: ("left", "bottom"),
    }[orientation]
    seen = pixels if row in ("top", "bottom") else pixels.transpose(1, 0, 2)
    if "bottom" in (row, column):
        seen = seen[::-1]
    return seen[:, ::-1] if "right" in (row, column) else seen
