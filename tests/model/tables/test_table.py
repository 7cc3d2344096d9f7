"""Tables in files, whatever the format."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from model.errors import InputError
from model.tables.sources import Source, resolve_sources
from model.tables.table import column_names, read_rows, require_columns


def _parquet(folder: Path, table: pa.Table, **options: object) -> Source:
    parquet.write_table(table, folder / "data.parquet", **options)
    return resolve_sources([str(folder / "data.parquet")])[0]


def test_parquet_keeps_its_types_and_order_across_row_groups(tmp_path: Path) -> None:
    table = pa.table({"id": pa.array(range(200_000)), "flow": np.linspace(0, 1, 200_000)})
    source = _parquet(tmp_path, table, row_group_size=1234)
    blocks = list(read_rows(source))
    assert [block.first_row for block in blocks] == [1 + sum(map(len, blocks[:i])) for i in range(len(blocks))]
    assert pa.Table.from_batches([block.columns for block in blocks]) == table


def test_parquet_columns_that_are_no_numbers_pass_through(tmp_path: Path) -> None:
    table = pa.table({"ok": [True], "tags": [["a", "b"]], "flow": [1.0]})
    (rows,) = read_rows(_parquet(tmp_path, table))
    assert rows.columns.to_pylist() == table.to_pylist()


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\xff" * 100 + b"PAR1"])
def test_a_file_that_only_looks_like_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "data.parquet").write_bytes(content)
    source = resolve_sources([str(tmp_path / "data.parquet")])[0]
    with pytest.raises(InputError, match=r"data\.parquet: not a readable PARQUET file"):
        column_names(source)


def test_parquet_that_fails_its_checksums_is_refused(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=50_000)
    source = _parquet(tmp_path, pa.table({"a": values}), write_page_checksum=True)
    raw = bytearray((tmp_path / "data.parquet").read_bytes())
    raw[1000:3000] = b"\xff" * 2000
    (tmp_path / "data.parquet").write_bytes(raw)
    with pytest.raises(InputError, match=r"data\.parquet: not a readable PARQUET file"):
        list(read_rows(source))


def test_parquet_with_repeated_column_names_is_refused(tmp_path: Path) -> None:
    source = _parquet(tmp_path, pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]))
    with pytest.raises(InputError, match="column names must differ, found more than once: 'a'"):
        column_names(source)


def test_parquet_without_rows_is_refused(tmp_path: Path) -> None:
    source = _parquet(tmp_path, pa.table({"a": pa.array([], pa.float64())}))
    with pytest.raises(InputError, match="expected at least one row, found none"):
        list(read_rows(source))


def test_a_file_that_disappears_is_named(tmp_path: Path) -> None:
    source = _parquet(tmp_path, pa.table({"a": [1]}))
    (tmp_path / "data.parquet").unlink()
    with pytest.raises(InputError, match=r"data\.parquet"):
        list(read_rows(source))


def test_missing_columns_are_named_beside_those_there_are(tmp_path: Path) -> None:
    source = _parquet(tmp_path, pa.table({"a": [1], "b": [2]}))
    require_columns(source, ["b", "a"])
    with pytest.raises(InputError, match="expected columns 'x', 'y', which it lacks; it has 'a', 'b'"):
        require_columns(source, ["x", "a", "y"])


def test_an_array_without_names_is_told_where_they_go(tmp_path: Path) -> None:
    np.save(tmp_path / "data.npy", np.ones((3, 2)))
    source = resolve_sources([str(tmp_path / "data.npy")])[0]
    with pytest.raises(InputError, match="it has 'f0', 'f1'; name them in feature_names of an NPZ file"):
        require_columns(source, ["pressure", "flow"])
