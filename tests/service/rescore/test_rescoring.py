"""Files in, files out: every row judged, kept and in its place."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray
from pyarrow import fs, parquet

from model.errors import InputError
from model.scorer import INVALID, VERDICTS
from model.tables.sources import Source, resolve_sources
from service.registry.models import ServedModel
from service.rescore.rescoring import output_paths, rescore
from service.rescore.verdict_table import check_columns
from tests.samples import clean_rows
from tests.service.tables import NAMES, source_of, write_csv, write_parquet


def _rescored(file: Path, model: ServedModel, explain: bool = False) -> pa.Table:
    target = file.with_name(f"{file.name}.out")
    counts = sum(rescore(source_of(file), model.scorer, target, explain=explain), np.zeros(len(VERDICTS), dtype=int))
    table = parquet.read_table(target)
    verdicts = table.column("verdict").to_pylist()
    assert counts.tolist() == [verdicts.count(verdict) for verdict in VERDICTS]
    return table


def _column(table: pa.Table, name: str) -> NDArray[np.float64]:
    return np.asarray(table.column(name).to_numpy(), dtype=np.float64)


def _mixed_rows(count: int) -> NDArray[np.float64]:
    """Normal, anomalous and invalid samples in turn."""
    rows = clean_rows(count)
    rows[1::7] *= 1.5
    rows[3::11, 2] = np.nan
    rows[5::13, 0] = -1  # out of the declared range
    rows[8::17, 1] = np.inf
    return rows


def test_each_row_gets_its_verdict_in_input_order(tmp_path: Path, pump: ServedModel) -> None:
    rows = _mixed_rows(2000)
    table = _rescored(write_csv(tmp_path / "a.csv", rows), pump)
    expected = pump.scorer.score(rows)
    assert {"normal", "anomaly", "invalid"} <= set(table.column("verdict").to_pylist())
    assert table.column("verdict").to_pylist() == [VERDICTS[verdict] for verdict in expected.verdict]
    assert table.column("source_row").to_pylist() == list(range(1, 2001))
    assert set(table.column("source_file").to_pylist()) == {str(tmp_path / "a.csv")}
    assert set(table.column("threshold").to_pylist()) == {pump.manifest.threshold.value}
    for name in ("score", "p_value", "severity"):
        np.testing.assert_array_equal(_column(table, name), getattr(expected, name))


def test_what_an_invalid_row_cannot_have_is_null_and_its_reason_is_given(tmp_path: Path, pump: ServedModel) -> None:
    good = list(clean_rows(1)[0])
    rows = [good, [good[0], "err", *good[2:]], good[:2], [*good[:3], ""], ["-1", *good[1:]], [*good[:3], "inf"]]
    table = _rescored(write_csv(tmp_path / "a.csv", rows), pump)
    assert table.column("reason").to_pylist() == [
        None,
        "not_a_number: 'flow' is 'err', expected a number",
        "unreadable_row: expected 4 cells, found 2",
        "missing_value: 'current' has no value",
        "out_of_range: 'pressure' is -1 bar, outside its declared range [0, 20]",
        "infinite_value: 'current' is infinite",
    ]
    assert table.column("verdict").to_pylist()[1:] == ["invalid"] * 5
    for name in ("score", "p_value", "severity"):
        assert [value is None for value in table.column(name).to_pylist()] == [False, *[True] * 5]


def test_columns_that_are_no_features_identify_the_row_in_their_own_types(tmp_path: Path, pump: ServedModel) -> None:
    table = pa.table(
        {
            "flow": [120.0, 121.0],
            "taken": pa.array([0, 1], pa.timestamp("ms", "UTC")),
            "current": pa.array([11, 10]),
            "tags": [["a"], None],
            "temperature": ["45.5", "x"],
            "pressure": [8.0, None],
        }
    )
    parquet.write_table(table, tmp_path / "a.parquet")
    written = _rescored(tmp_path / "a.parquet", pump)
    assert written.column_names[:4] == ["source_file", "source_row", "taken", "tags"]
    assert not set(NAMES) & set(written.column_names)
    for name in ("taken", "tags"):
        assert written.column(name) == table.column(name)


def test_categories_that_differ_from_block_to_block_are_kept(tmp_path: Path, pump: ServedModel) -> None:
    rows = clean_rows(140_000)
    batch = pa.array([f"batch {i // 1000}" for i in range(len(rows))])
    table = pa.table({**dict(zip(NAMES, rows.T, strict=True)), "batch": batch.dictionary_encode()})
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=20_000)
    assert _rescored(tmp_path / "a.parquet", pump).column("batch").cast(pa.string()).to_pylist() == batch.to_pylist()


def test_scores_are_the_same_to_the_bit_whatever_the_format_and_the_blocks(tmp_path: Path, pump: ServedModel) -> None:
    rows = _mixed_rows(70_000)
    np.save(tmp_path / "a.npy", rows)
    np.savez(tmp_path / "a.npz", X=np.asfortranarray(rows), feature_names=NAMES)
    by_csv = _column(_rescored(write_csv(tmp_path / "a.csv", rows), pump), "score")
    by_parquet = _column(_rescored(write_parquet(tmp_path / "a.parquet", rows), pump), "score")
    by_npz = _column(_rescored(tmp_path / "a.npz", pump), "score")
    one_by_one = np.concatenate([pump.scorer.score(rows[i : i + 1]).score for i in range(300)])
    np.testing.assert_array_equal(by_csv, by_parquet)
    np.testing.assert_array_equal(by_csv, by_npz)
    np.testing.assert_array_equal(by_csv[:300], one_by_one)


def test_scores_are_those_of_the_api_to_the_bit(tmp_path: Path, pump: ServedModel, client: TestClient) -> None:
    rows = _mixed_rows(500)
    table = _rescored(write_csv(tmp_path / "a.csv", rows), pump, explain=True)
    samples = [[value if np.isfinite(value) else None for value in row] for row in rows.tolist()]
    results = client.post("/score", json={"samples": samples, "explain": True}).json()["results"]
    for name in ("verdict", "score", "p_value", "severity"):
        assert table.column(name).to_pylist() == [result[name] for result in results]
    largest = [result["contributions"][0] if "contributions" in result else None for result in results]
    assert table.column("top_feature").to_pylist() == [top and top["feature"] for top in largest]
    assert table.column("top_share").to_pylist() == [top and top["share"] for top in largest]


def test_explained_rows_name_the_feature_at_fault_and_what_was_expected(tmp_path: Path, pump: ServedModel) -> None:
    rows = clean_rows(3)
    rows[1, 1] += 100
    rows[2, 1] = np.nan
    table = _rescored(write_csv(tmp_path / "a.csv", rows), pump, explain=True)
    assert table.column("top_feature").to_pylist()[1:] == ["flow", None]
    expected = pump.scorer.explain(rows[:2]).reconstruction
    for index, name in enumerate(NAMES):
        assert table.column(f"expected_{name}").to_pylist() == [*expected[:, index].tolist(), None]


def test_outputs_say_which_bundle_judged(tmp_path: Path, pump: ServedModel) -> None:
    table = _rescored(write_csv(tmp_path / "a.csv", clean_rows(5)), pump)
    assert table.schema.metadata == {
        b"plumbline.model": b"pump",
        b"plumbline.version": b"1",
        b"plumbline.digest": pump.digest.encode(),
    }


def test_a_file_of_nothing_but_bad_rows_is_all_invalid(tmp_path: Path, pump: ServedModel) -> None:
    table = _rescored(write_csv(tmp_path / "a.csv", [["x"]] * 3), pump, explain=True)
    assert table.column("verdict").to_pylist() == [VERDICTS[INVALID]] * 3


def test_a_source_that_turns_out_unreadable_midway_leaves_nothing(tmp_path: Path, pump: ServedModel) -> None:
    file = write_csv(tmp_path / "in" / "a.csv", clean_rows(50_000))
    file.write_bytes(file.read_bytes() + b"1,2,3,\xff\n")
    with pytest.raises(InputError, match="a.csv: expected UTF-8 text"):
        list(rescore(source_of(file), pump.scorer, tmp_path / "out" / "a.parquet"))
    assert list((tmp_path / "out").iterdir()) == []


def test_features_that_are_missing_are_named(tmp_path: Path, pump: ServedModel) -> None:
    source = source_of(write_csv(tmp_path / "a.csv", [[1, 2, 3]], ["pressure", "Flow", "current"]))
    with pytest.raises(InputError, match=r"expected columns 'flow', 'temperature', which it lacks; it has 'pressure'"):
        check_columns(source, pump.scorer, explain=False)


@pytest.mark.parametrize(("name", "explain"), [("score", False), ("source_row", False), ("expected_flow", True)])
def test_a_column_with_the_name_of_an_added_one_is_refused(
    tmp_path: Path, pump: ServedModel, name: str, explain: bool
) -> None:
    source = source_of(write_csv(tmp_path / "a.csv", [[1] * 5], [*NAMES, name]))
    with pytest.raises(InputError, match=f"the column '{name}' has the name of one that re-scoring adds; rename it"):
        check_columns(source, pump.scorer, explain)


def test_a_column_with_the_name_of_one_not_added_is_kept(tmp_path: Path, pump: ServedModel) -> None:
    file = write_csv(tmp_path / "a.csv", [[*clean_rows(1)[0], "x"]], [*NAMES, "expected_flow"])
    check_columns(source_of(file), pump.scorer, explain=False)
    assert _rescored(file, pump).column("expected_flow").to_pylist() == ["x"]


def test_outputs_mirror_the_inputs_below_their_closest_common_directory(tmp_path: Path) -> None:
    for name in ("one/a.csv", "one/a.parquet", "two/deep/a.csv"):
        write_csv(tmp_path / name, [[1]], ["x"])
    out = tmp_path / "out"
    assert output_paths(resolve_sources([str(tmp_path)]), out) == [
        out / "one" / "a.csv.parquet",
        out / "one" / "a.parquet.parquet",
        out / "two" / "deep" / "a.csv.parquet",
    ]
    assert output_paths(resolve_sources([str(tmp_path / "two/deep/a.csv")]), out) == [out / "a.csv.parquet"]


def test_outputs_that_are_already_there_are_refused_before_any_work(tmp_path: Path) -> None:
    sources = [source_of(write_csv(tmp_path / f"{name}.csv", [[1]], ["x"])) for name in "abc"]
    for target in output_paths(sources, tmp_path / "out")[1:]:
        target.parent.mkdir(exist_ok=True)
        target.touch()
    with pytest.raises(
        InputError, match=r"b\.csv\.parquet: is already there, and 1 more; outputs are never overwritten"
    ):
        output_paths(sources, tmp_path / "out")


def test_two_sources_are_never_written_to_one_file(tmp_path: Path) -> None:
    stores = (fs.LocalFileSystem(), fs.LocalFileSystem(use_mmap=True))
    with pytest.raises(InputError, match="inputs from different stores would be written to the same file"):
        output_paths([Source("a.csv", "/data/a.csv", store) for store in stores], tmp_path)


def test_an_output_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [[1]], ["x"])
    with pytest.raises(InputError, match="expected a directory to write to, found a file"):
        output_paths([source_of(file)], file)
