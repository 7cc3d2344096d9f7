"""Re-scoring into lines: those that the service answers with, wherever blocks begin."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray

from model.bundle import read_bundle
from model.errors import InputError
from model.scorer import VERDICTS, Scorer
from service.registry.models import ServedModel
from service.rescore import line_rescoring
from service.rescore.line_rescoring import check_lines, rescore_lines
from tests.samples import clean_rows
from tests.service.tables import NAMES, source_of, write_csv
from tests.window_bundle import INTERVAL, LENGTH, write_window_bundle


def table(folder: Path, rows: NDArray[np.float64], times: list[object] | None = None) -> Path:
    stamps = times or [f"2026-01-01T00:{row // 60:02}:{row % 60:02}Z" for row in range(len(rows))]
    cells = ([stamp, *row] for stamp, row in zip(stamps, rows.tolist(), strict=True))
    return write_csv(folder / "a.csv", cells, ["Timestamp", *NAMES])


def lines_of(file: Path, scorer: Scorer) -> list[dict[str, Any]]:
    target = file.with_suffix(".jsonl")
    check_lines(source_of(file), scorer, "Timestamp")
    counts = sum(rescore_lines(source_of(file), scorer, "Timestamp", target), np.zeros(len(VERDICTS), dtype=int))
    found = [json.loads(line) for line in target.read_text().splitlines()]
    assert counts.sum() == len(found)
    assert counts[-1] == sum("prediction" not in line for line in found)
    return found


def test_lines_are_those_that_the_service_answers_with(tmp_path: Path, pump: ServedModel, client: TestClient) -> None:
    rows = clean_rows(600)
    rows[1::7] *= 1.5
    rows[3::11, 2] = np.nan
    file = table(tmp_path, rows)
    found = lines_of(file, pump.scorer)
    answer = client.post("/models/pump/lookout", content=file.read_bytes(), headers={"Content-Type": "text/csv"})
    assert found == [json.loads(line) for line in answer.text.splitlines()]
    assert {line.get("prediction") for line in found} == {0, 1, None}


def test_windows_reach_over_where_blocks_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = Scorer(read_bundle(write_window_bundle(tmp_path)))
    rows = clean_rows(40)
    rows[20, 1] = np.nan
    file = table(tmp_path, rows, [row * INTERVAL for row in range(40)])
    whole = lines_of(file, scorer)
    file.with_suffix(".jsonl").unlink()
    monkeypatch.setattr(line_rescoring, "CHUNK", 3)
    assert lines_of(file, scorer) == whole
    judged = [row for row, line in enumerate(whole) if "prediction" in line]
    assert judged == [*range(LENGTH - 1, 20), *range(20 + LENGTH, 40)]
    window = rows[None, 12:20]
    assert whole[19]["anomaly_score"] == scorer.score(window).severity.item()


def test_a_row_whose_time_no_line_could_name_is_invalid(tmp_path: Path, pump: ServedModel) -> None:
    bad, good = lines_of(table(tmp_path, clean_rows(2), [1e300, 0]), pump.scorer)
    assert set(bad) == {"prediction_reason", "reason"}
    assert good["timestamp"] == "1970-01-01T00:00:00.000000"


def test_a_column_that_is_not_there_is_refused(tmp_path: Path, pump: ServedModel) -> None:
    file = table(tmp_path, clean_rows(1))
    with pytest.raises(InputError, match="expected columns 'time', which it lacks"):
        check_lines(source_of(file), pump.scorer, "time")


def test_several_series_in_one_file_are_refused(tmp_path: Path) -> None:
    bundle = read_bundle(write_window_bundle(tmp_path))
    scorer = Scorer(bundle)
    assert scorer.manifest.window is not None
    window = scorer.manifest.window.model_copy(update={"group": "machine"})
    scorer.manifest = scorer.manifest.model_copy(update={"window": window})
    with pytest.raises(InputError, match="lines do not name the 'machine' that a row is of"):
        check_lines(source_of(table(tmp_path, clean_rows(1))), scorer, "Timestamp")
