"""New clean data is read as training reads it: by name, screened, with nothing taken for granted."""

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from pyarrow import parquet

from model.errors import InputError
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import FEATURES, clean_rows
from training.clean_data import CleanData
from training.left_out import notes_of, tell_left_out
from training.recalibration.clean_rows import ColumnRoles, read_clean_rows
from training.recalibration.parent import ParentBundle, open_parent

HEADER = [feature.name for feature in FEATURES]
AS_TRAINED = ColumnRoles()


@pytest.fixture(scope="module")
def parent() -> ParentBundle:
    return open_parent(GOLDEN_BUNDLE)


def read(
    folder: Path,
    parent: ParentBundle,
    x: NDArray[np.float64],
    more: Mapping[str, object] | None = None,
    roles: ColumnRoles = AS_TRAINED,
) -> CleanData:
    columns: dict[str, object] = {**dict(zip(HEADER, x.T, strict=True)), **(more or {})}
    file = folder / "new.parquet"
    parquet.write_table(pa.table(columns), file)
    return read_clean_rows([str(file)], parent, roles)


def test_rows_outside_declared_ranges_and_incomplete_rows_are_left_out_and_named(
    tmp_path: Path, parent: ParentBundle, caplog: pytest.LogCaptureFixture
) -> None:
    x = clean_rows(50)
    x[3, 0], x[7, 1] = 99.0, np.nan
    clean = read(tmp_path, parent, x)
    assert len(clean.values) == 48
    with caplog.at_level(logging.WARNING, "plumbline.training"):
        tell_left_out(notes_of(clean))
    assert "new.parquet row 4: out_of_range: 'pressure' is 99 bar, outside its declared range [0, 20]" in caplog.text
    assert "column 'flow' lacks a value in 1 rows" in caplog.text


def test_a_column_that_nothing_is_known_of_is_refused_unless_told_to_ignore_it(
    tmp_path: Path, parent: ParentBundle
) -> None:
    x, more = clean_rows(30), {"operator": ["kim"] * 30}
    with pytest.raises(InputError, match=r"'operator' is no feature of pump version 1, .* name it with --ignore"):
        read(tmp_path, parent, x, more)
    np.testing.assert_array_equal(read(tmp_path, parent, x, more, ColumnRoles(ignore=("operator",))).values, x)


@pytest.mark.parametrize("roles", [ColumnRoles(ignore=("flow",)), ColumnRoles(time="flow"), ColumnRoles(group="flow")])
def test_a_feature_is_nothing_else_beside(tmp_path: Path, parent: ParentBundle, roles: ColumnRoles) -> None:
    with pytest.raises(InputError, match="'flow' is a feature of pump version 1, so it is neither time, group nor"):
        read(tmp_path, parent, clean_rows(30), roles=roles)


def test_a_feature_that_is_not_there_is_named(tmp_path: Path, parent: ParentBundle) -> None:
    file = tmp_path / "new.parquet"
    parquet.write_table(pa.table(dict(zip(HEADER[1:], clean_rows(30)[:, 1:].T, strict=True))), file)
    with pytest.raises(InputError, match="expected column 'pressure', found flow, temperature, current"):
        read_clean_rows([str(file)], parent, ColumnRoles())


def test_rows_are_put_in_the_order_of_their_time(tmp_path: Path, parent: ParentBundle) -> None:
    x = clean_rows(30)
    clean = read(tmp_path, parent, x[::-1], {"at": list(range(30, 0, -1))}, ColumnRoles(time="at"))
    np.testing.assert_array_equal(clean.values, x)
    assert clean.reordered_rows == 29


def test_the_very_data_that_the_network_was_trained_on_is_refused(tmp_path: Path, parent: ParentBundle) -> None:
    with pytest.raises(InputError, match="pump version 1 was trained on this very data"):
        read(tmp_path, parent, clean_rows(3000))
