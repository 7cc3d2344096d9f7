"""NumPy arrays as tables, without unpickling anything."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from model.errors import InputError
from model.tables import numpy_file
from model.tables.sources import Source, resolve_sources
from model.tables.table import column_names, read_rows

X = np.random.default_rng(0).normal(size=(7, 3))


def _npy(folder: Path, array: ArrayLike) -> Source:
    np.save(folder / "data.npy", array, allow_pickle=True)
    return resolve_sources([str(folder / "data.npy")])[0]


def _npz(folder: Path, arrays: Mapping[str, ArrayLike], compressed: bool = False) -> Source:
    (np.savez_compressed if compressed else np.savez)(folder / "data.npz", allow_pickle=True, **arrays)
    return resolve_sources([str(folder / "data.npz")])[0]


def _values(source: Source) -> NDArray[np.float64]:
    names = column_names(source)
    return np.concatenate([rows.numbers(names)[0] for rows in read_rows(source)])


@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", "<f2", "<i4", ">i2", "u1"])
def test_an_npy_array_of_any_number_type_is_read(tmp_path: Path, dtype: str) -> None:
    array = (10 * X).clip(0).astype(dtype)
    source = _npy(tmp_path, array)
    assert column_names(source) == ["f0", "f1", "f2"]
    np.testing.assert_array_equal(_values(source), array.astype(float))


@pytest.mark.parametrize("compressed", [False, True])
def test_an_npz_may_bring_labels_and_names(tmp_path: Path, compressed: bool) -> None:
    source = _npz(tmp_path, {"X": X, "y": np.arange(7) % 2, "feature_names": ["u", "v", "w"]}, compressed)
    assert column_names(source) == ["u", "v", "w", "y"]
    np.testing.assert_array_equal(_values(source), np.column_stack([X, np.arange(7) % 2]))


@pytest.mark.parametrize("write", [_npy, lambda folder, x: _npz(folder, {"X": x})], ids=["npy", "npz"])
def test_an_array_stored_by_columns_is_read_all_the_same(
    tmp_path: Path, write: Callable[[Path, ArrayLike], Source]
) -> None:
    np.testing.assert_array_equal(_values(write(tmp_path, np.asfortranarray(X))), X)


def test_a_long_array_comes_in_blocks(tmp_path: Path) -> None:
    x = np.arange(300_000.0).reshape(-1, 2)
    blocks = list(read_rows(_npy(tmp_path, x)))
    assert [block.first_row for block in blocks] == [1, 65537, 131073]
    np.testing.assert_array_equal(_values(_npy(tmp_path, x)), x)


@pytest.mark.parametrize(
    ("array", "complaint"),
    [
        (np.ones(3), r"the array has shape \(3,\), expected 2 dimensions"),
        (np.ones((2, 2, 2)), r"the array has shape \(2, 2, 2\), expected 2 dimensions"),
        (np.array([["a"]]), "the array holds <U1, expected numbers"),
        (np.array([[1j]]), "the array holds complex128, expected numbers"),
        (np.array([[{}]]), "the array holds object, expected numbers"),
        (np.array([[True]]), "the array holds bool, expected numbers"),
        (np.ones((0, 3)), "expected at least one row, found none"),
        (np.ones((3, 0)), "expected 1 to 65,536 columns, found 0"),
    ],
)
def test_an_array_that_is_no_table_of_numbers_is_refused(tmp_path: Path, array: ArrayLike, complaint: str) -> None:
    source = _npy(tmp_path, array)
    with pytest.raises(InputError, match=complaint):
        list(read_rows(source))


@pytest.mark.parametrize(
    ("arrays", "complaint"),
    [
        ({"train": X, "test": X}, r"expected an array X, found \['test', 'train'\]"),
        ({"X": X, "y": np.ones(3)}, "y has 3 entries, expected one for each of 7 rows"),
        ({"X": X, "y": np.ones((7, 1))}, r"y has shape \(7, 1\), expected 1 dimensions"),
        ({"X": X, "feature_names": ["a"]}, r"feature_names is <U1 \(1,\), expected 3 texts"),
        ({"X": X, "feature_names": np.array(["a", "b", "c"], object)}, "not a readable NPZ file: 'Object arrays"),
        ({"X": X, "y": np.ones(7), "feature_names": ["a", "y", "c"]}, "found more than once: 'y'"),
    ],
)
def test_an_archive_of_another_form_is_refused(
    tmp_path: Path, arrays: dict[str, NDArray[np.generic]], complaint: str
) -> None:
    source = _npz(tmp_path, arrays)
    with pytest.raises(InputError, match=complaint):
        list(read_rows(source))


def test_an_array_cut_short_is_refused(tmp_path: Path) -> None:
    source = _npy(tmp_path, X)
    raw = (tmp_path / "data.npy").read_bytes()
    (tmp_path / "data.npy").write_bytes(raw[:-1])
    with pytest.raises(InputError, match=r"cut short: its header promises shape \(7, 3\)"):
        list(read_rows(source))


def test_a_large_array_stored_by_columns_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numpy_file, "MAX_FORTRAN_BYTES", 100)
    source = _npy(tmp_path, np.asfortranarray(X))
    with pytest.raises(InputError, match=r"holds 168 bytes, of such an array at most 100 can be read"):
        list(read_rows(source))


def test_feature_names_of_unlikely_size_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numpy_file, "MAX_NAMES_BYTES", 100)
    source = _npz(tmp_path, {"X": X, "feature_names": ["a", "b", "c"]})
    with pytest.raises(InputError, match="feature_names holds more than 100 bytes"):
        column_names(source)


@pytest.mark.parametrize("name", ["data.npy", "data.npz"])
@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04garbage" * 9, b"\x93NUMPY\x01\x00\xff\xff"])
def test_files_that_only_look_like_arrays_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"{name}: not a readable {name[-3:].upper()} file"):
        column_names(resolve_sources([str(tmp_path / name)])[0])


def test_an_archive_damaged_inside_is_refused(tmp_path: Path) -> None:
    file = io.BytesIO()
    np.savez_compressed(file, X=np.random.default_rng(0).normal(size=(5000, 3)))
    raw = bytearray(file.getvalue())
    raw[len(raw) // 2] ^= 0xFF
    (tmp_path / "data.npz").write_bytes(raw)
    source = resolve_sources([str(tmp_path / "data.npz")])[0]
    with pytest.raises(InputError, match="not a readable NPZ file"):
        list(read_rows(source))


def test_an_archive_member_in_another_numpy_format_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "data.npz", "w") as archive:
        archive.writestr("X.npy", b"\x93NUMPY\x09\x00")
    with pytest.raises(InputError, match=r"X is in NumPy format 9\.0, expected 1\.0 or 2\.0"):
        column_names(resolve_sources([str(tmp_path / "data.npz")])[0])


@pytest.mark.parametrize("header", [b"(" * 300, b"{'descr': [" + b"[" * 200, b"{'descr'", b"{1: 2}", b"{'descr': {}}"])
def test_a_hostile_header_is_refused(tmp_path: Path, header: bytes) -> None:
    (tmp_path / "data.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    with pytest.raises(InputError, match=r"data\.npy: not a readable NPY file"):
        column_names(*resolve_sources([str(tmp_path / "data.npy")]))
