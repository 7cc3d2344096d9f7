"""Interpolation between grids as products."""

import numpy as np
import torch
from PIL import Image

from model.interpolation import heat_matrix, interpolation_matrix


def test_an_image_is_resized_as_pillow_resizes_it() -> None:
    image = np.random.default_rng(0).uniform(0, 255, (50, 37)).astype(np.float32)
    for height, width in ((20, 24), (64, 80)):
        expected = np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))
        found = interpolation_matrix(50, height) @ torch.from_numpy(image) @ interpolation_matrix(37, width).T
        np.testing.assert_allclose(found.numpy(), expected, atol=0.01)


def test_an_even_map_stays_even_in_the_image() -> None:
    torch.testing.assert_close(heat_matrix(5, 31).sum(dim=1), torch.ones(31, dtype=torch.float64))


def test_a_cell_is_hottest_in_its_own_part_of_the_image() -> None:
    for cell, row in enumerate(heat_matrix(4, 40).argmax(dim=0).tolist()):
        assert 10 * cell <= row < 10 * (cell + 1)
