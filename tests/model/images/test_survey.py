"""A folder of images is looked at once: one geometry, every fault told, nothing lost and nothing held that need not be."""

import os
from pathlib import Path

import numpy as np
import pytest

from model.errors import InputError
from model.images.folder import ImageFolder
from model.images.geometry import ImageGeometry
from model.images.png import png
from model.images.reader import ImageReader
from model.images.survey import survey, survey_clean
from tests.model.images.encoded import COLOUR8, GREY8, encoded

RNG = np.random.default_rng(3)
IMAGES = RNG.integers(0, 256, (12, 6, 8, 1), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, pixels in enumerate(IMAGES):
        place = tmp_path / "parts" / ("a" if number < 6 else "b")
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:02}.png").write_bytes(png(pixels))
    return tmp_path / "parts"


@pytest.mark.parametrize("cache_bytes", [0, 1 << 20])
def test_images_come_in_the_order_of_their_paths_kept_or_not(folder: Path, cache_bytes: int) -> None:
    images = survey_clean([str(folder)], None, cache_bytes)
    assert images.geometry == ImageGeometry(6, 8, 1, 8)
    assert isinstance(images.samples, ImageFolder) == (cache_bytes == 0)
    assert len(images) == len(images.samples) == 12
    assert images.place[0] == f"{folder}/a/00.png"
    np.testing.assert_array_equal(images.samples[:], IMAGES)
    np.testing.assert_array_equal(images.samples[3:7], IMAGES[3:7])
    rows = np.array([11, 0, 5, 5])
    np.testing.assert_array_equal(images.samples[rows], IMAGES[rows])
    assert images.samples[12:].shape == (0, 6, 8, 1)


def test_files_patterns_and_folders_name_images(folder: Path) -> None:
    images = survey_clean([str(folder / "a" / "02.png"), str(folder / "b" / "*.png"), str(folder / "b")], None)
    assert [Path(place).stem for place in images.place] == ["02", "06", "07", "08", "09", "10", "11"]


def test_unreadable_images_are_told_and_the_others_kept(folder: Path) -> None:
    (folder / "a" / "03.png").write_bytes(png(IMAGES[3])[:-30])
    (folder / "b" / "notes.png").write_text("no image")
    images = survey_clean([str(folder)], None)
    assert len(images) == 11
    assert len(images.sources) == 13
    assert "a/03.png: a damaged PNG" in images.rejected[0]
    assert "b/notes.png: expected a PNG, JPEG, BMP or TIFF image" in images.rejected[1]


def test_a_name_that_tells_another_format_is_told(folder: Path) -> None:
    (folder / "a" / "00.jpg").write_bytes(encoded(IMAGES[0], "BMP"))
    images = survey_clean([str(folder)], None)
    assert images.misnamed == (f"{folder}/a/00.jpg: is a BMP by its content, and read as one",)
    assert len(images) == 13


def test_several_sizes_are_counted_and_resizing_is_offered(folder: Path) -> None:
    (folder / "b" / "wide.png").write_bytes(png(GREY8))
    with pytest.raises(InputError, match=r"found 6 x 8 grey 8 bit \(12, as .*\); 5 x 7 grey 8 bit \(1, as .*resize"):
        survey_clean([str(folder)], None)
    assert survey_clean([str(folder)], (4, 4)).samples[:].shape == (13, 4, 4, 1)


def test_grey_and_colour_are_not_mixed_whatever_is_resized(folder: Path) -> None:
    (folder / "b" / "colour.png").write_bytes(png(COLOUR8))
    with pytest.raises(InputError, match="grey and colour, 8 and 16 bits are not mixed"):
        survey_clean([str(folder)], (4, 4))


def test_images_for_a_model_that_has_learned_are_rejected_where_they_do_not_fit(folder: Path) -> None:
    (folder / "b" / "wide.png").write_bytes(png(GREY8))
    images = survey([str(folder)], ImageReader(ImageGeometry(6, 8, 1, 8)))
    assert len(images) == 12
    assert images.rejected == (f"{folder}/b/wide.png: expected 6 x 8 grey 8 bit, found 5 x 7 (height x width)",)


def test_the_fingerprint_is_of_the_bytes_in_order(folder: Path) -> None:
    first = survey_clean([str(folder)], None).fingerprint
    assert survey_clean([str(folder)], None, 0).fingerprint == first
    assert survey_clean([str(folder / "b"), str(folder / "a")], None).fingerprint != first
    (folder / "a" / "00.png").write_bytes(png(255 - IMAGES[0]))
    assert survey_clean([str(folder)], None).fingerprint != first


def test_a_folder_with_nothing_to_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a directory that holds \.png"):
        survey_clean([str(tmp_path)], None)
    (tmp_path / "bad.png").write_bytes(b"bad")
    with pytest.raises(InputError, match=r"found none; the first: .*bad\.png"):
        survey_clean([str(tmp_path)], None)


def test_an_image_that_changes_behind_our_back_is_an_error_not_a_sample(folder: Path) -> None:
    images = survey_clean([str(folder)], None, 0)
    os.truncate(folder / "a" / "01.png", 20)
    with pytest.raises(InputError, match=r"01\.png: was a good image when the run began"):
        images.samples[0:3]
