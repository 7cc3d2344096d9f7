"""Encoded images become pixels, or a sentence that says why not; whatever the bytes are, nothing else happens."""

import random
import struct
import zlib
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from model.images.decode import MAX_PIXELS, open_image
from model.images.errors import ImageError, ImageTooLargeError, UnreadableImageError, UnsupportedImageError
from model.images.png import png
from tests.model.images.encoded import COLOUR8, COLOUR16, GREY8, GREY16, encoded, tiff16, turned


def pixels(raw: bytes) -> NDArray[Any]:
    return open_image(raw).pixels()


def assert_same(found: NDArray[Any], expected: NDArray[Any]) -> None:
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


LOSSLESS = {
    "PNG grey": (encoded(GREY8), GREY8),
    "PNG colour": (encoded(COLOUR8), COLOUR8),
    "PNG grey 16": (encoded(GREY16), GREY16),
    "PNG colour 16": (png(COLOUR16), COLOUR16),
    "BMP grey": (encoded(GREY8, "BMP"), GREY8),
    "BMP colour": (encoded(COLOUR8, "BMP"), COLOUR8),
    "TIFF grey": (encoded(GREY8, "TIFF"), GREY8),
    "TIFF colour, LZW": (encoded(COLOUR8, "TIFF", compression="tiff_lzw"), COLOUR8),
    "TIFF grey 16": (encoded(GREY16, "TIFF"), GREY16),
    "TIFF grey 16, deflated": (encoded(GREY16, "TIFF", compression="tiff_adobe_deflate"), GREY16),
    "TIFF big": (encoded(COLOUR8, "TIFF", big_tiff=True), COLOUR8),
    "TIFF colour 16, little-endian": (tiff16(COLOUR16, "<"), COLOUR16),
    "TIFF colour 16, big-endian": (tiff16(COLOUR16, ">"), COLOUR16),
}


@pytest.mark.parametrize(("raw", "expected"), LOSSLESS.values(), ids=LOSSLESS.keys())
def test_lossless_formats_give_back_every_value(raw: bytes, expected: NDArray[Any]) -> None:
    assert_same(pixels(raw), expected)


def test_a_jpeg_is_read_to_within_its_loss() -> None:
    smooth = np.broadcast_to(np.linspace(0, 255, 64).astype(np.uint8)[:, None, None], (64, 64, 1))
    raw = encoded(smooth, "JPEG", quality=95)
    found = pixels(raw)
    assert found.shape == (64, 64, 1)
    assert abs(found.astype(int) - smooth).max() <= 4
    np.testing.assert_array_equal(pixels(raw), found)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_pixels_are_turned_as_exif_says(form: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert_same(pixels(encoded(COLOUR8, form, exif=exif)), np.ascontiguousarray(turned(COLOUR8, orientation)))
    assert_same(pixels(encoded(GREY16, form, exif=exif)), np.ascontiguousarray(turned(GREY16, orientation)))


def test_an_orientation_that_is_none_turns_nothing() -> None:
    exif = Image.Exif()
    exif[0x0112] = 9
    assert_same(pixels(encoded(COLOUR8, exif=exif)), COLOUR8)


def test_a_palette_of_greys_is_grey_and_any_other_is_colour() -> None:
    assert_same(pixels(encoded(GREY8, mode="P")), GREY8)
    few = (COLOUR8 // 128 * 255).astype(np.uint8)
    image = Image.fromarray(few).quantize(8)
    assert pixels(encoded(np.asarray(image.convert("RGB")), "BMP")).shape == (5, 7, 3)
    assert pixels(encoded(few, mode="P")).shape == (5, 7, 3)


def test_black_and_white_is_grey_of_0_and_255() -> None:
    assert set(pixels(encoded(GREY8, mode="1")).ravel().tolist()) == {0, 255}


def test_opaque_images_lose_their_opacity_and_nothing_else() -> None:
    assert_same(pixels(encoded(COLOUR8, mode="RGBA")), COLOUR8)
    assert_same(pixels(encoded(GREY8, mode="LA")), GREY8)
    assert_same(pixels(encoded(GREY8, transparency=1)), GREY8)


CLEAR = np.dstack([COLOUR8, GREY8])
UNSUPPORTED = {
    "transparent pixels": (encoded(CLEAR), "transparent"),
    "a transparent colour": (encoded(GREY8, transparency=int(GREY8[2, 3, 0])), "transparent"),
    "a transparent colour of 16 bits": (encoded(GREY16, transparency=3), "names a transparent colour"),
    "CMYK in JPEG": (encoded(COLOUR8, "JPEG", mode="CMYK"), "CMYK"),
    "CMYK in TIFF": (encoded(COLOUR8, "TIFF", mode="CMYK"), "CMYK"),
    "floating point": (encoded(GREY8, "TIFF", mode="F"), "floating-point"),
    "32-bit integers": (encoded(GREY8, "TIFF", mode="I"), "32-bit"),
    "an animation": (encoded(GREY8, save_all=True, append_images=[Image.new("L", (7, 5))]), "several pages or frames"),
    "two pages": (
        encoded(GREY8, "TIFF", save_all=True, append_images=[Image.new("L", (7, 5))]),
        "several pages or frames",
    ),
    "16-bit planes": (tiff16(COLOUR16, planes=2), "a plane for each colour"),
    "16-bit values from white": (tiff16(GREY16, photometric=0), "zero is white"),
}


@pytest.mark.parametrize(("raw", "words"), UNSUPPORTED.values(), ids=UNSUPPORTED.keys())
def test_what_has_no_set_meaning_is_refused_by_name(raw: bytes, words: str) -> None:
    with pytest.raises(UnsupportedImageError, match=words) as refused:
        pixels(raw)
    assert refused.value.reason.startswith("unsupported_image: ")


@pytest.mark.parametrize("raw", [b"", b"hello", encoded(GREY8, "GIF"), encoded(COLOUR8, "WEBP")])
def test_other_formats_are_named_by_how_they_begin(raw: bytes) -> None:
    with pytest.raises(UnreadableImageError, match="expected a PNG, JPEG, BMP or TIFF image, found"):
        pixels(raw)


WIDE = np.random.default_rng(2).integers(0, 256, (40, 40, 3), dtype=np.uint8)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "TIFF"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_file_cut_short_is_damaged_not_half_an_image(form: str, kept: float) -> None:
    raw = encoded(WIDE, form)
    with pytest.raises(UnreadableImageError, match=f"a damaged {form}|expected a PNG"):
        pixels(raw[: int(kept * len(raw))])


def test_one_wrong_bit_in_a_png_is_found() -> None:
    raw = bytearray(png(WIDE))
    raw[len(raw) // 2] ^= 1
    with pytest.raises(UnreadableImageError, match="a damaged PNG"):
        pixels(bytes(raw))


def bomb(height: int, width: int) -> bytes:
    """Announce ``height`` x ``width`` pixels in a PNG of a hundred bytes."""
    raw = bytearray(png(np.zeros((1, 1, 1), np.uint8)))
    raw[16:24] = struct.pack(">II", width, height)
    raw[29:33] = struct.pack(">I", zlib.crc32(raw[12:29]))
    return bytes(raw)


def test_an_image_is_refused_by_its_header_before_room_is_made_for_it() -> None:
    with pytest.raises(ImageTooLargeError, match=f"{MAX_PIXELS:,} pixels, found 60,000 x 60,000"):
        open_image(bomb(60_000, 60_000))
    open_image(bomb(8192, 8192))


SEEDS = [
    *(raw for raw, _ in LOSSLESS.values()),
    encoded(COLOUR8, "JPEG"),
    encoded(COLOUR8, "JPEG", progressive=True),
    encoded(COLOUR8, "TIFF", compression="jpeg"),
]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False))
def test_damage_of_any_kind_gives_an_image_or_a_sentence(raw: bytes, chance: random.Random) -> None:
    damaged = bytearray(raw)
    for _ in range(chance.randint(1, 5)):
        damaged[chance.randrange(min(len(damaged), chance.choice((64, 400, len(damaged)))))] = chance.randrange(256)
    if chance.random() < 0.3:
        damaged = damaged[: chance.randrange(len(damaged))]
    with suppress(ImageError):
        found = pixels(bytes(damaged))
        assert found.dtype in (np.uint8, np.uint16)
        assert found.shape[2] in (1, 3)
