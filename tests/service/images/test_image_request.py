"""What one request of images may cost is bounded before it is paid."""

import numpy as np
import pytest

from model.images.png import png
from service.errors import TooManySamplesError
from service.images.body import ImageBody
from service.images.request import SCORE_FIELDS, parse_images
from service.limits import Limits
from service.registry.models import ServedModel
from tests.tiles import HEIGHT, WIDTH, clean_tiles

AREA = HEIGHT * WIDTH
IMAGES = [png(image) for image in clean_tiles(3)]


def form(images: list[bytes], query: tuple[tuple[str, str], ...] = ()) -> ImageBody:
    parts = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="i"; filename="%d.png"\r\nContent-Type: image/png\r\n\r\n%s\r\n'
        % (number, raw)
        for number, raw in enumerate(images)
    )
    return ImageBody(parts + b"--b--\r\n", "multipart/form-data; boundary=b", query)


def test_as_many_images_are_taken_as_the_pixels_allow(tiles: ServedModel) -> None:
    assert parse_images(form(IMAGES), tiles, Limits(image_pixels=3 * AREA)).x.shape == (3, HEIGHT, WIDTH, 1)
    with pytest.raises(TooManySamplesError, match="may hold 2 images"):
        parse_images(form(IMAGES), tiles, Limits(image_pixels=3 * AREA - 1))
    with pytest.raises(TooManySamplesError, match="may hold 2 images"):
        parse_images(form(IMAGES), tiles, Limits(samples=2))


def test_heat_maps_are_bounded_by_their_pixels_but_one_is_drawn_in_any_case(tiles: ServedModel) -> None:
    asked = (("explain", "heatmap"),)
    with pytest.raises(TooManySamplesError, match="heat maps of 2 images"):
        parse_images(form(IMAGES, asked), tiles, Limits(explained_pixels=3 * AREA - 1), SCORE_FIELDS)
    assert parse_images(
        form(IMAGES[:1], asked), tiles, Limits(explained_pixels=1, image_pixels=1), SCORE_FIELDS
    ).heat_maps


def test_parts_come_whole_whatever_is_in_them(tiles: ServedModel) -> None:
    images = clean_tiles(40, seed=2)
    tricky = [png(image) + b"\r\n--b\r\n--b-" for image in images[:1]]  # a boundary inside is the sender's mistake
    found = parse_images(form([png(image) for image in images]), tiles, Limits())
    np.testing.assert_array_equal(found.x, images)
    assert parse_images(ImageBody(tricky[0], "image/png", ()), tiles, Limits()).x.shape == (1, HEIGHT, WIDTH, 1)


def test_names_of_files_are_ids_clipped_and_never_paths_to_anything(tiles: ServedModel) -> None:
    body = form(IMAGES[:1]).raw.replace(b"0.png", b"../../" + b"n" * 400)
    (name,) = parse_images(ImageBody(body, "multipart/form-data; boundary=b", ()), tiles, Limits()).ids
    assert name is not None
    assert name.startswith("../../nnn")
    assert len(name) == 300
