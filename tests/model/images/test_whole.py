"""Files whose containers are sound and whose rows are not all there: refused, not filled up with grey."""

import io
import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from model.images.decode import open_image
from model.images.errors import UnreadableImageError, UnsupportedImageError
from model.images.png import png
from tests.model.images.encoded import COLOUR8, COLOUR16, GREY8, GREY16, encoded, tiff16

ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, rows: bytes, laced: int = 0) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, laced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def laced(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    passes = [pixels[y::down, x::across] for x, y, across, down in ADAM7]
    return b"".join(b"\0" + row.tobytes() for part in passes if part.size for row in part)


@pytest.mark.parametrize("rows", [0, 3, 7])
def test_a_png_of_fewer_rows_than_announced_is_refused(rows: int) -> None:
    raw = png_of(8, 8, b"".join(b"\0" + bytes([200] * 8) for _ in range(rows)))
    with pytest.raises(UnreadableImageError, match="fewer rows"):
        open_image(raw).pixels()


def test_a_laced_png_is_read_whole_and_refused_in_part() -> None:
    rows = laced(GREY8[:, :, 0])
    np.testing.assert_array_equal(open_image(png_of(7, 5, rows, laced=1)).pixels(), GREY8)
    with pytest.raises(UnreadableImageError, match="fewer rows"):
        open_image(png_of(7, 5, rows[:-8], laced=1)).pixels()


@pytest.mark.parametrize("pixels", [GREY8, COLOUR8, GREY16, COLOUR16], ids=["grey", "colour", "deep", "deep colour"])
def test_whole_files_of_every_depth_are_read(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
    np.testing.assert_array_equal(open_image(png(pixels)).pixels(), pixels)


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA"])
def test_whole_files_of_other_modes_are_not_taken_for_cut_ones(mode: str) -> None:
    file = io.BytesIO()
    Image.fromarray(COLOUR8).convert(mode).save(file, "PNG")
    with suppress(UnsupportedImageError):  # alpha has no set meaning
        assert open_image(file.getvalue()).pixels().shape[:2] == COLOUR8.shape[:2]


def test_a_tiff_whose_strips_do_not_cover_it_is_refused() -> None:
    whole = tiff16(COLOUR16)
    np.testing.assert_array_equal(open_image(whole).pixels(), COLOUR16)
    rows_per_strip = struct.pack("<HHIHH", 278, 3, 1, 5, 0)
    assert whole.count(rows_per_strip) == 1
    with pytest.raises(UnreadableImageError, match="fewer rows"):
        open_image(whole.replace(rows_per_strip, struct.pack("<HHIHH", 278, 3, 1, 3, 0))).pixels()


def test_a_compressed_tiff_and_one_in_tiles_are_read() -> None:
    np.testing.assert_array_equal(open_image(encoded(COLOUR8, "TIFF", compression="tiff_lzw")).pixels(), COLOUR8)
    np.testing.assert_array_equal(open_image(encoded(GREY8, "TIFF")).pixels(), GREY8)
