"""An image becomes a sample only as the model's geometry has it; nothing is resized that was not declared to be."""

import numpy as np
import pytest

from model.images.errors import ImageTooLargeError, WrongGeometryError
from model.images.geometry import ImageGeometry
from model.images.png import png
from model.images.reader import ImageReader
from tests.model.images.encoded import COLOUR8, GREY8, GREY16, encoded
from tests.model.images.test_decode import bomb

GREY_READER = ImageReader(ImageGeometry(5, 7, 1, 8))


def test_an_image_of_the_geometry_is_a_sample() -> None:
    np.testing.assert_array_equal(GREY_READER.read(png(GREY8)), GREY8)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (png(GREY8[:, :6]), "5 x 6"),
        (png(np.ascontiguousarray(GREY8.transpose(1, 0, 2))), "7 x 5 grey 8 bit"),
        (png(COLOUR8), "5 x 7 colour 8 bit"),
        (png(GREY16), "5 x 7 grey 16 bit"),
    ],
)
def test_another_geometry_is_named_beside_the_one_expected(raw: bytes, found: str) -> None:
    with pytest.raises(WrongGeometryError) as refused:
        GREY_READER.read(raw)
    assert refused.value.reason == (f"wrong_geometry: expected 5 x 7 grey 8 bit, found {found} (height x width)")


def test_a_wrong_size_is_refused_before_anything_is_decoded() -> None:
    with pytest.raises(WrongGeometryError):
        GREY_READER.read(bomb(8192, 8192))


def test_a_declared_resize_brings_other_sizes_to_the_geometry_but_not_other_colours() -> None:
    reader = ImageReader(ImageGeometry(4, 6, 1, 8), resized=True)
    assert reader.read(png(GREY8)).shape == (4, 6, 1)
    assert reader.read(encoded(GREY8, "JPEG")).shape == (4, 6, 1)
    with pytest.raises(WrongGeometryError, match="found 4 x 6 colour 8 bit"):
        reader.read(png(COLOUR8))
    with pytest.raises(ImageTooLargeError):
        reader.read(bomb(60_000, 60_000))
