"""Arrays of images are sets of samples, too; one in an NPY file is read where it lies."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from model.errors import InputError
from model.images.geometry import ImageGeometry
from model.images.read import read_clean_images, read_images
from model.images.reader import ImageReader

IMAGES = np.random.default_rng(4).integers(0, 1 << 16, (10, 6, 8), dtype=np.uint16)


def test_an_npy_file_is_mapped_not_loaded(tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", IMAGES)
    images = read_clean_images([str(tmp_path / "images.npy")], None)
    assert images.geometry == ImageGeometry(6, 8, 1, 16)
    assert isinstance(images.samples, np.memmap)
    np.testing.assert_array_equal(images.samples[2:4], IMAGES[2:4, :, :, None])
    assert images.place[1] == f"{tmp_path}/images.npy image 2"
    assert len(images) == 10


def test_an_npz_file_holds_them_as_x_and_both_have_one_fingerprint(tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", IMAGES)
    np.savez_compressed(tmp_path / "images.npz", X=IMAGES)
    stored, packed = (read_clean_images([str(tmp_path / f"images.{end}")], None) for end in ("npy", "npz"))
    np.testing.assert_array_equal(packed.samples[:], stored.samples[:])
    assert packed.fingerprint == stored.fingerprint


def test_arrays_are_resized_piece_by_piece_where_that_was_declared(tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", IMAGES)
    images = read_clean_images([str(tmp_path / "images.npy")], (3, 4))
    assert images.samples[np.array([1, 5])].shape == (2, 3, 4, 1)
    again = read_images([str(tmp_path / "images.npy")], images.reader)
    np.testing.assert_array_equal(again.samples[:], images.samples[:])


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (IMAGES.astype(float), "expected pixels of uint8 or uint16, found float64"),
        (IMAGES[0], r"expected images \[N, H, W\].*found \[6, 8\]"),
        (IMAGES[:, :, :, None].repeat(2, 3), r"found \[10, 6, 8, 2\]"),
        (IMAGES[:0], r"found \[0, 6, 8\]"),
    ],
)
def test_what_is_no_array_of_images_is_named(array: np.ndarray, sentence: str, tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", array)
    with pytest.raises(InputError, match=sentence):
        read_clean_images([str(tmp_path / "images.npy")], None)


def test_unreadable_files_and_mixed_inputs_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.npy").write_bytes(b"\x93NUMPY\x01\x00\x05\x00{'de")
    (tmp_path / "bad.npz").write_bytes(b"PK")
    np.savez(tmp_path / "other.npz", Y=IMAGES)
    for name, sentence in (
        ("bad.npy", "readable NPY"),
        ("bad.npz", "readable NPZ"),
        ("other.npz", "expected an array X"),
    ):
        with pytest.raises(InputError, match=sentence):
            read_clean_images([str(tmp_path / name)], None)
    with pytest.raises(InputError, match="is given alone"):
        read_clean_images([str(tmp_path / "bad.npy"), "folder"], None)


def test_an_array_of_another_geometry_than_the_model_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", IMAGES)
    with pytest.raises(InputError, match="expected images of 6 x 8 grey 8 bit, found 6 x 8 grey 16 bit"):
        read_images([str(tmp_path / "images.npy")], ImageReader(ImageGeometry(6, 8, 1, 8)))


def test_arrays_that_would_need_unpickling_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="readable NPY"):
        read_clean_images([str(tmp_path / "images.npy")], None)


def test_a_header_that_announces_more_than_there_is_is_refused_before_room_is_made(tmp_path: Path) -> None:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": (10**13, 4, 4)})
    with zipfile.ZipFile(tmp_path / "lying.npz", "w") as archive:
        archive.writestr("X.npy", file.getvalue() + b"\0" * 16)
    with pytest.raises(InputError, match="16 bytes follow"):
        read_clean_images([str(tmp_path / "lying.npz")], None)
