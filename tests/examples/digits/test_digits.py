"""The digits' files, what is asked of the service about them, and the table of what it said."""

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from examples.digits.files import write_digits
from examples.digits.verdicts import verdict_table
from model.images.decode import open_image


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("digits")
    write_digits(folder, 3)
    return folder


def test_every_digit_is_written_once_the_clean_one_apart(folder: Path) -> None:
    assert len(list(folder.rglob("*.png"))) == 1797
    assert sorted(path.name for path in (folder / "test").iterdir()) == [*"012456789", "good"]
    assert len(list((folder / "clean").iterdir())) == 146
    assert len(list((folder / "test" / "good").iterdir())) == 37


def test_a_digit_is_a_grey_image_that_uses_the_whole_range(folder: Path) -> None:
    images = [open_image(file.read_bytes()).pixels() for file in (folder / "clean").iterdir()]
    assert {image.shape for image in images} == {(32, 32, 1)}
    assert all(image.dtype == np.uint8 and image.min() == 0 and image.max() > 200 for image in images)


def test_the_table_counts_alarms_by_digit_and_sets_them_beside_the_promise() -> None:
    verdicts = {"1": ["anomaly"] * 9 + ["normal"], "good": ["normal"] * 19 + ["anomaly"]}
    found = {name: [{"verdict": verdict} for verdict in of] for name, of in verdicts.items()}
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(verdict_table(found, 3, 0.1))
    lines = [line.split() for line in console.export_text().splitlines()]
    assert ["1", "10", "1", "90%"] in [line[:4] for line in lines]
    assert ["3,", "clean", "20", "19", "5%", "promised:"] in [line[:6] for line in lines]
