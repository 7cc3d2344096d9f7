"""An overlay shows the image where nothing stands out, and heat by colours that grow lighter with it."""

import numpy as np
import pytest

from model.images.overlay import COLOURS, overlay

GREY = np.full((4, 5, 1), 100, np.uint8)


def test_below_half_the_line_the_image_is_left_as_it_is() -> None:
    drawn = overlay(GREY, np.full((4, 5), 0.5), 1.0)
    assert drawn.shape == (4, 5, 3)
    assert (drawn == 100).all()


def test_colours_grow_lighter_evenly_and_heat_beyond_the_scale_has_the_last() -> None:
    linear = (COLOURS / 255) ** 2.2 @ np.array([0.2126, 0.7152, 0.0722])
    lightness = 116 * np.cbrt(linear) - 16  # CIE L*
    steps = np.diff(lightness)
    assert (steps > 0).all()
    assert steps.max() < 2 * steps.min()
    hot = overlay(GREY, np.array([[4.0, 40.0, np.finfo(float).max]]).repeat(4, 0)[:, [0, 1, 2, 2, 2]], 1.0)
    assert (hot == hot[0, 0]).all()


def test_one_scale_serves_every_image_of_a_model() -> None:
    heat = np.zeros((4, 5))
    heat[1, 1] = 2.0
    alone = overlay(GREY, heat, 1.0)[1, 1]
    heat[2, 2] = 500.0
    np.testing.assert_array_equal(overlay(GREY, heat, 1.0)[1, 1], alone)


@pytest.mark.parametrize("line", [None, 0.0])
def test_without_a_line_the_largest_heat_is_the_end_of_the_scale(line: float | None) -> None:
    heat = np.zeros((4, 5))
    heat[3, 4] = 7.0
    drawn = overlay(GREY, heat, line)
    np.testing.assert_allclose(drawn[3, 4], 0.7 * COLOURS[-1] + 30, atol=0.5)
    assert (drawn[:3] == 100).all()
    assert (overlay(GREY, np.zeros((4, 5)), line) == 100).all()


def test_colour_and_deep_images_are_shown_as_grey() -> None:
    red = np.zeros((4, 5, 3), np.uint8)
    red[:, :, 0] = 200
    assert (overlay(red, np.zeros((4, 5)), 1.0) == 60).all()
    deep = np.linspace(1000, 3000, 20).astype(np.uint16).reshape(4, 5, 1)
    shown = overlay(deep, np.zeros((4, 5)), 1.0)
    assert (shown.min(), shown.max()) == (0, 255)
