from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.quality.sets import find_sets, read_set
from model.errors import InputError

X, Y = np.arange(8.0).reshape(4, 2), np.array([0, 0, 0, 1])


def write(folder: Path, name: str = "3_pump", **arrays: Any) -> Path:
    file = folder / "tabular" / f"{name}.npz"
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(file, **arrays)
    return file


@pytest.mark.parametrize("of", [np.bool_, np.uint8, np.int64, np.float32, np.float64])
def test_labels_and_rows_may_have_any_type_of_number(tmp_path: Path, of: type[np.generic]) -> None:
    one = read_set(write(tmp_path, X=X.astype(of), y=Y.astype(of)))
    assert one.name == "3_pump"
    np.testing.assert_array_equal(one.x, X.astype(of).astype(float))
    np.testing.assert_array_equal(one.anomalous, [False, False, False, True])


def test_sets_come_by_number_and_a_name_may_hold_a_dot(tmp_path: Path) -> None:
    for name in ("22_magic.gamma", "10_cover", "2_annthyroid"):
        write(tmp_path, name, X=X, y=Y)
    assert list(find_sets(tmp_path)) == ["2_annthyroid", "10_cover", "22_magic.gamma"]


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"X": X}, "expected arrays X and y, found X"),
        ({"X": X, "y": Y[:3]}, "expected a label for each row, found 4 rows and 3 labels"),
        ({"X": X[0], "y": Y}, r"expected X to be numbers in 2 dimensions, found float64 of shape \(2,\)"),
        ({"X": X, "y": Y[:, None]}, r"expected y to be numbers in 1 dimension, found int64 of shape \(4, 1\)"),
        ({"X": X.astype(str), "y": Y}, "expected X to be numbers in 2 dimensions, found <U32"),
        ({"X": X, "y": Y + 1}, "expected labels 0 and 1, found 2"),
        ({"X": X, "y": np.zeros(4)}, "expected normal and anomalous rows, found 0 of 4 anomalous"),
        ({"X": np.where(X == 5, np.nan, X), "y": Y}, "expected finite numbers, found nan in row 2, column 1"),
        ({"X": X, "y": np.array([0, 0, 0, None])}, "not a readable NPZ file of numbers"),
    ],
)
def test_what_is_no_such_set_is_refused_in_a_sentence(tmp_path: Path, arrays: dict[str, Any], sentence: str) -> None:
    file = write(tmp_path, **arrays)
    with pytest.raises(InputError, match=f"^{file}: {sentence}"):
        read_set(file)


def test_a_file_that_is_no_archive_and_a_folder_without_sets_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected sets as tabular/NN_name.npz, found none"):
        find_sets(tmp_path)
    file = tmp_path / "1_text.npz"
    file.write_text("no archive")
    with pytest.raises(InputError, match="1_text.npz: not a readable NPZ file"):
        read_set(file)
