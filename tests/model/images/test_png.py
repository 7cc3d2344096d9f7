"""Written PNG files are read by others, bit for bit."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from PIL import Image

from model.images.decode import open_image
from model.images.png import png
from tests.model.images.encoded import COLOUR8, GREY8, GREY16


@given(
    st.sampled_from([np.uint8, np.uint16]).flatmap(
        lambda dtype: hnp.arrays(dtype, st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 3])))
    )
)
def test_every_mixture_of_channels_and_bits_comes_back(pixels: NDArray[Any]) -> None:
    image = open_image(png(pixels))
    assert (image.format, image.height, image.width) == ("PNG", *pixels.shape[:2])
    found = image.pixels()
    assert found.dtype == pixels.dtype
    np.testing.assert_array_equal(found, pixels)


@pytest.mark.parametrize("pixels", [GREY8, COLOUR8, GREY16])
def test_another_reader_sees_the_same(pixels: NDArray[Any], tmp_path: Any) -> None:
    file = tmp_path / "image.png"
    file.write_bytes(png(pixels))
    with Image.open(file) as image:
        np.testing.assert_array_equal(np.asarray(image).reshape(pixels.shape), pixels)
