"""Re-scoring a series: one row for each row, judged by the window that ends with it, wherever blocks begin."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from pyarrow import parquet

from model.bundle import read_bundle
from model.errors import InputError
from model.scorer import VERDICTS, Scorer
from model.tables import table as tables
from model.tables.sources import resolve_sources
from service.rescore.window_rescoring import check_series, rescore_series
from tests.golden.window_bundle import CHANNELS, INTERVAL, STEPS, WINDOW_BUNDLE, strokes

SCORER = Scorer(read_bundle(WINDOW_BUNDLE))
ROWS = strokes(60, seed=5)
TIME: NDArray[np.float64] = np.arange(60, dtype=np.float64) * INTERVAL


def rescored(
    folder: Path,
    x: NDArray[np.float64],
    time: NDArray[np.float64],
    explain: bool = False,
    line: Sequence[str] | None = None,
) -> pa.Table:
    file, target = folder / "series.parquet", folder / "verdicts.parquet"
    grouped = {} if line is None else {"line": line}
    parquet.write_table(pa.table({"time": time, **grouped, **dict(zip(CHANNELS, x.T, strict=True))}), file)
    target.unlink(missing_ok=True)
    (source,) = resolve_sources([str(file)])
    window = SCORER.manifest.window
    assert window is not None
    if line is not None:
        window = window.model_copy(update={"group": "line"})
    check_series(source, SCORER, window, explain)
    for _ in rescore_series(source, SCORER, window, target, explain=explain):
        pass
    return parquet.read_table(target)


def test_each_row_scores_as_the_window_that_ends_with_it(tmp_path: Path) -> None:
    found = rescored(tmp_path, ROWS, TIME)
    windows = np.stack([ROWS[end - STEPS + 1 : end + 1] for end in range(STEPS - 1, 60)])
    assert found["score"].to_pylist()[STEPS - 1 :] == SCORER.score(windows).score.tolist()
    assert found["source_row"].to_pylist() == list(range(1, 61))
    assert found["time"].to_pylist() == TIME.tolist()


def test_rows_before_a_window_is_full_are_invalid_and_say_so(tmp_path: Path) -> None:
    found = rescored(tmp_path, ROWS, TIME)
    assert found["verdict"].to_pylist()[: STEPS - 1] == ["invalid"] * (STEPS - 1)
    assert found["reason"][0].as_py() == f"incomplete_window: row 1 of {STEPS}"
    assert set(found["verdict"].to_pylist()[STEPS - 1 :]) <= {"normal", "anomaly"}


def test_no_window_spans_a_gap_a_bad_row_or_rows_out_of_order(tmp_path: Path) -> None:
    x, time = ROWS.copy(), TIME.copy()
    x[20, 1] = np.nan
    time[40:] += 5
    time[55] = time[53]
    found = rescored(tmp_path, x, time)
    reasons = found["reason"].to_pylist()
    assert reasons[20] == "missing_value: 'travel' has no value"
    for start in (21, 40):
        assert reasons[start : start + STEPS - 1] == [
            f"incomplete_window: row {number} of {STEPS}" for number in range(1, STEPS)
        ]
        assert reasons[start + STEPS - 1] is None
    assert reasons[55].startswith("out_of_order: ")


def test_scores_do_not_depend_on_where_blocks_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rescored(tmp_path, ROWS, TIME)["score"].to_pylist()
    read = tables.read_rows
    monkeypatch.setattr("model.tables.parquet_file.block_rows", lambda _columns: 7)
    (source,) = resolve_sources([str(tmp_path / "series.parquet")])
    assert len(list(read(source))) > 3
    assert rescored(tmp_path, ROWS, TIME)["score"].to_pylist() == whole


def test_rows_of_two_groups_between_each_other_score_as_each_group_alone_wherever_blocks_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = strokes(60, seed=6)
    x = np.stack([ROWS, other], axis=1).reshape(120, len(CHANNELS))
    time, line = np.repeat(TIME, 2), ["north", "south"] * 60
    alone = [rescored(tmp_path, of, TIME)["score"].to_pylist() for of in (ROWS, other)]
    together = [score for pair in zip(*alone, strict=True) for score in pair]
    assert rescored(tmp_path, x, time, line=line)["score"].to_pylist() == together
    monkeypatch.setattr("model.tables.parquet_file.block_rows", lambda _columns: 5)
    assert rescored(tmp_path, x, time, line=line)["score"].to_pylist() == together


def test_explaining_names_the_channel_and_what_its_last_step_should_have_been(tmp_path: Path) -> None:
    x = ROWS.copy()
    x[30:, 0] += 60
    found = rescored(tmp_path, x, TIME, explain=True)
    assert found["top_feature"][30].as_py() == "force"
    assert found["top_feature"][0].as_py() is None
    assert abs(found["expected_force"][29].as_py() - ROWS[29, 0]) < 25


def test_a_file_without_the_time_column_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "untimed.parquet"
    parquet.write_table(pa.table(dict(zip(CHANNELS, ROWS.T, strict=True))), file)
    (source,) = resolve_sources([str(file)])
    assert SCORER.manifest.window is not None
    with pytest.raises(InputError, match="time"):
        check_series(source, SCORER, SCORER.manifest.window, explain=False)


def test_every_row_is_counted_once(tmp_path: Path) -> None:
    file = tmp_path / "series.parquet"
    parquet.write_table(pa.table({"time": TIME, **dict(zip(CHANNELS, ROWS.T, strict=True))}), file)
    (source,) = resolve_sources([str(file)])
    assert SCORER.manifest.window is not None
    counts = sum(rescore_series(source, SCORER, SCORER.manifest.window, tmp_path / "out.parquet", explain=False))
    assert np.shape(counts) == (len(VERDICTS),)
    assert np.sum(counts) == 60


def test_a_time_that_is_infinite_costs_its_own_row(tmp_path: Path) -> None:
    time = TIME.copy()
    time[30] = np.inf
    found = rescored(tmp_path, ROWS, time)
    assert found["reason"][30].as_py() == "unreadable_time: 'time' is infinite"
    assert [of is None for of in found["reason"].to_pylist()[39:]] == [True] * 21


def test_a_row_of_no_group_is_invalid_and_ends_every_window_where_there_are_no_times(tmp_path: Path) -> None:
    machine = ["a" if row % 2 else "b" for row in range(60)]
    columns = {"machine": [*machine[:30], None, *machine[31:]], **dict(zip(CHANNELS, ROWS.T, strict=True))}
    file, target = tmp_path / "fleet.parquet", tmp_path / "verdicts.parquet"
    parquet.write_table(pa.table(columns), file)
    (source,) = resolve_sources([str(file)])
    assert SCORER.manifest.window is not None
    window = SCORER.manifest.window.model_copy(update={"time": None, "group": "machine"})
    for _ in rescore_series(source, SCORER, window, target, explain=False):
        pass
    reasons = parquet.read_table(target)["reason"].to_pylist()
    assert reasons[30] == "missing_value: 'machine' names no group"
    filling = 2 * (STEPS - 1)  # rows of both machines, by turns, until each has a window of its own rows again
    assert [why is None for why in reasons] == [False] * filling + [True] * (30 - filling) + [False] * (1 + filling) + [
        True
    ] * (29 - filling)
