"""Writing a Parquet file: all of it or nothing."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from model.errors import InputError
from service.rescore.parquet_output import GROUP_ROWS, parquet_output


def _batch(rows: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"value": np.random.default_rng(rows).normal(size=rows)})


@contextmanager
def _files_of_at_most(size: int) -> Iterator[None]:
    """Fail every write beyond ``size`` bytes, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_batches_are_gathered_into_row_groups_and_keep_their_order(tmp_path: Path) -> None:
    batches = [_batch(10_000) for _ in range(30)]
    with parquet_output(tmp_path / "new" / "out.parquet") as output:
        for batch in batches:
            output.write(batch)
    assert parquet.read_table(tmp_path / "new" / "out.parquet") == pa.Table.from_batches(batches)
    groups = parquet.read_metadata(tmp_path / "new" / "out.parquet")
    assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)] == [140_000, 140_000, 20_000]
    assert GROUP_ROWS <= 140_000


def test_nothing_is_at_the_target_until_all_is_written(tmp_path: Path) -> None:
    with parquet_output(tmp_path / "out.parquet") as output:
        output.write(_batch(GROUP_ROWS))
        assert not (tmp_path / "out.parquet").exists()
        assert all(path.name.startswith(".") for path in tmp_path.iterdir())
    assert [path.name for path in tmp_path.iterdir()] == ["out.parquet"]


def test_a_failure_midway_leaves_nothing(tmp_path: Path) -> None:
    def fail_midway() -> None:
        with parquet_output(tmp_path / "out.parquet") as output:
            output.write(_batch(GROUP_ROWS))
            raise InputError("the source ends in noise")

    with pytest.raises(InputError, match="ends in noise"):
        fail_midway()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rows", [GROUP_ROWS, 10_000], ids=["on the way", "at the end"])
def test_a_full_disk_leaves_nothing_and_is_told_by_name(tmp_path: Path, rows: int) -> None:
    def fill() -> None:
        with parquet_output(tmp_path / "out.parquet") as output:
            output.write(_batch(rows))

    with _files_of_at_most(20_000), pytest.raises(OSError, match=r"out\.parquet: cannot be written: File too large"):
        fill()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_already_there_is_never_replaced(tmp_path: Path) -> None:
    target = tmp_path / "out.parquet"

    def overtaken() -> None:
        with parquet_output(target) as output:
            output.write(_batch(10))
            target.write_text("the other writer was faster")

    with pytest.raises(InputError, match=r"out\.parquet: is already there"):
        overtaken()
    assert target.read_text() == "the other writer was faster"
    assert list(tmp_path.iterdir()) == [target]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(OSError, match=r"file/out\.parquet: cannot be written: "),
        parquet_output(tmp_path / "file" / "out.parquet"),
    ):
        pass
