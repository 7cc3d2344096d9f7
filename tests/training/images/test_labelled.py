"""The folder of a test image is its label."""

from pathlib import Path

import numpy as np
import pytest

from model.errors import InputError
from model.images.geometry import ImageGeometry
from model.images.png import png
from model.images.reader import ImageReader
from training.images.labelled import read_labelled_images

READER = ImageReader(ImageGeometry(4, 4, 1, 8))


def put(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{number}.png").write_bytes(png(np.full((4, 4, 1), number, np.uint8)))


def test_folders_of_normal_images_have_a_name_and_all_others_are_kinds_of_anomaly(tmp_path: Path) -> None:
    for kind, count in (("crack", 2), ("Good", 3), ("hole", 1)):
        put(tmp_path / kind, count)
    found = read_labelled_images([str(tmp_path)], READER)
    assert found.kind == ("Good", "Good", "Good", "crack", "crack", "hole")
    assert found.label.tolist() == [False, False, False, True, True, True]
    assert len(found.images) == 6


def test_test_images_without_normal_ones_are_refused(tmp_path: Path) -> None:
    put(tmp_path / "crack", 2)
    with pytest.raises(
        InputError, match="expected normal images in a folder called clean, good, normal, ok, found only 'crack'"
    ):
        read_labelled_images([str(tmp_path)], READER)
