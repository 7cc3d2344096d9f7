import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv

from model.bundle import read_bundle
from model.errors import InputError
from model.images.decode import open_image
from model.manifest import Manifest
from model.modality import Image, Window
from service.generation.ends import read_ends
from service.generation.sample_files import check_target, sample_file
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import FEATURES, clean_rows

MANIFEST = read_bundle(GOLDEN_BUNDLE).manifest
NAMES = [feature.name for feature in FEATURES]


def windows() -> Manifest:
    return MANIFEST.model_copy(
        update={"modality": "window", "window": Window(length=3, stride=1, sampling_interval=1.0)}
    )


def images(channels: int = 1, bits: int = 8) -> Manifest:
    section = Image.model_validate({"height": 2, "width": 3, "bits": bits})
    return MANIFEST.model_copy(update={"modality": "image", "image": section, "features": FEATURES[:channels]})


def test_windows_are_told_apart_and_their_steps_ordered_in_a_table() -> None:
    samples = clean_rows(6).reshape(2, 3, 4)
    table = csv.read_csv(io.BytesIO(sample_file(Path("a.csv"), samples, windows())))
    assert table.column_names == ["window", "step", *NAMES]
    assert table["window"].to_pylist() == [1, 1, 1, 2, 2, 2]
    assert table["step"].to_pylist() == [1, 2, 3, 1, 2, 3]
    np.testing.assert_array_equal(np.column_stack([table[name] for name in NAMES]), clean_rows(6))


def test_windows_keep_their_shape_in_an_archive() -> None:
    with np.load(io.BytesIO(sample_file(Path("a.npz"), clean_rows(6).reshape(2, 3, 4), windows()))) as archive:
        assert archive["X"].shape == (2, 3, 4)
        assert archive["feature_names"].tolist() == NAMES


@pytest.mark.parametrize(("channels", "bits"), [(1, 8), (3, 8), (1, 16)])
def test_images_are_laid_out_on_a_sheet_as_near_to_a_square_as_they_come(channels: int, bits: int) -> None:
    samples = np.arange(5.0)[:, None, None, None] * np.ones((5, 2, 3, channels))
    pixels = open_image(sample_file(Path("a.PNG"), samples, images(channels, bits))).pixels()
    assert pixels.shape == (4, 9, channels)
    assert pixels.dtype == (np.uint8 if bits == 8 else np.uint16)
    np.testing.assert_array_equal(pixels[::2, ::3, 0], [[0, 1, 2], [3, 4, np.iinfo(pixels.dtype).max]])


def test_pixels_are_rounded_and_brought_into_range() -> None:
    samples = np.array([-3.0, 0.4, 0.6, 254.6, 255.4, 300.0]).reshape(1, 2, 3, 1)
    with np.load(io.BytesIO(sample_file(Path("a.npz"), samples, images()))) as archive:
        assert archive["X"].dtype == np.uint8
        assert archive["X"].ravel().tolist() == [0, 0, 1, 255, 255, 255]


@pytest.mark.parametrize(
    ("manifest", "name", "kinds"),
    [
        (MANIFEST, "a.png", ".csv, .parquet, .npz"),
        (windows(), "a", ".csv, .parquet, .npz"),
        (images(), "a.csv", ".png, .npz"),
    ],
    ids=["rows", "windows", "images"],
)
def test_a_file_of_a_kind_that_cannot_hold_samples_is_refused(manifest: Manifest, name: str, kinds: str) -> None:
    with pytest.raises(InputError, match=f"{name}: expected a file name that ends in {kinds}"):
        check_target(Path(name), manifest.modality)


def test_two_windows_are_read_one_after_the_other(tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    csv.write_csv(pa.table(dict(zip(NAMES, clean_rows(6).T, strict=True))), file)
    np.testing.assert_array_equal(read_ends([str(file)], windows()), clean_rows(6).reshape(2, 3, 4))
    with pytest.raises(InputError, match="expected two samples to go between, found more"):
        read_ends([str(file)], MANIFEST)
    csv.write_csv(pa.table(dict(zip(NAMES, clean_rows(5).T, strict=True))), file)
    with pytest.raises(InputError, match="expected two samples to go between, 6 rows in all, found 5"):
        read_ends([str(file)], windows())


def test_two_images_are_read_from_two_files_and_others_refused(tmp_path: Path) -> None:
    first, second = (np.full((1, 2, 3, 1), value, dtype=np.float64) for value in (7, 9))
    names = [str(tmp_path / name) for name in ("a.png", "b.png")]
    for name, image in zip(names, (first, second), strict=True):
        Path(name).write_bytes(sample_file(Path(name), image, images()))
    np.testing.assert_array_equal(read_ends(names, images()), np.concatenate([first, second]))
    with pytest.raises(InputError, match="expected two images to go between, found 1"):
        read_ends(names[:1], images())
    (tmp_path / "b.png").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"b\.png"):
        read_ends(names, images())
