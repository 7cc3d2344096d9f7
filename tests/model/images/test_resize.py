"""Resizing is an average over what a pixel of the result covers, the same for every type of value."""

import numpy as np
import pytest

from model.images.resize import resize

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_flat_image_stays_as_it_is(dtype: type[np.uint8], channels: int) -> None:
    flat = np.full((31, 17, channels), 201, dtype)
    small = resize(flat, 8, 9)
    assert small.shape == (8, 9, channels)
    assert small.dtype == dtype
    assert (small == 201).all()


@pytest.mark.parametrize("top", [255, 65535])
def test_a_reduction_weighs_every_pixel_by_a_triangle_twice_as_wide_as_the_step(top: int) -> None:
    pixels = RNG.integers(0, top + 1, (40, 36, 1)).astype(np.uint8 if top == 255 else np.uint16)
    expected = weights(40, 10) @ pixels[:, :, 0].astype(float) @ weights(36, 12).T
    assert abs(resize(pixels, 10, 12)[:, :, 0] - expected).max() <= 1.01  # two roundings to whole values


def weights(old: int, new: int) -> np.ndarray:
    centres = (np.arange(new)[:, None] + 0.5) * old / new
    triangle = np.maximum(0, 1 - abs(np.arange(old) + 0.5 - centres) / (old / new))
    return np.asarray(triangle / triangle.sum(axis=1, keepdims=True))


def test_fine_stripes_do_not_alias() -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), (64, 32))[:, :, None]
    assert np.ptp(resize(stripes, 16, 16)[:, 1:-1].astype(int)) <= 2


def test_the_size_it_has_changes_no_value() -> None:
    pixels = RNG.integers(0, 256, (5, 6, 3), dtype=np.uint8)
    assert resize(pixels, 5, 6) is pixels


def test_the_first_version_gives_these_values() -> None:
    pixels = (np.arange(60, dtype=np.uint8) * 37).reshape(6, 10, 1)
    assert resize(pixels, 3, 4)[:, :, 0].tolist() == GIVEN


GIVEN = [[93, 121, 121, 100], [120, 126, 122, 117], [130, 133, 128, 128]]
