"""The list as a spreadsheet reads it: found again, harmless, to be marked."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.features import Feature, FeatureSpec
from tests.samples import clean_rows
from training.clean_data import CleanData, read_clean_data
from training.config import TrainingConfig
from training.suspects.csv_file import column_names, suspects_csv
from training.suspects.row_key import row_keys
from training.suspects.suspect import Suspect, Suspects

NAMES = ("pressure", "flow", "temperature", "current")


@pytest.fixture
def clean(tmp_path: Path) -> CleanData:
    body = "\n".join(",".join(repr(value) for value in row) for row in clean_rows(40).tolist())
    (tmp_path / "clean.csv").write_text(f"{','.join(NAMES)}\n{body}\n")
    return read_clean_data([str(tmp_path / "clean.csv")], TrainingConfig(), None)


def listed(*rows: int) -> Suspects:
    expected = np.array([8.0, 120.0, 45.0, 11.0])
    return Suspects(tuple(Suspect(row, "reconstruction", 0.25, (1, 0), expected) for row in rows), 1, 40)


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_row_can_be_found_again_and_says_what_gave_it_away(clean: CleanData) -> None:
    first, second = table(suspects_csv(listed(12, 3), clean))
    assert list(first) == column_names(NAMES)
    assert first["source"].endswith("clean.csv")
    assert (first["row"], first["rank"], first["exclude"], first["stands out"]) == ("13", "1", "", "yes")
    assert (first["feature 1"], first["expected 1"], first["feature 2"]) == ("flow", "120", "pressure")
    assert (first["feature 3"], second["stands out"]) == ("", "no")
    assert [float(first[f"value of {name}"]) for name in NAMES] == clean.values[12].tolist()
    assert first["key"] == row_keys(clean.values, NAMES)[12]


def test_text_that_came_with_the_data_is_no_formula(clean: CleanData) -> None:
    features = (Feature(name="=1+1", unit="@bar"), *(Feature(name=name) for name in ("+a", "-b", "plain")))
    hostile = replace(
        clean,
        spec=FeatureSpec(features=features),
        place=tuple(f"=cmd|' /C calc'!A0 row {index}" for index in range(1, 41)),
        group=np.array(["@SUM(A1)"] * 40),
    )
    suspects = Suspects((Suspect(0, "neighbours", 0.1, (0, 1, 2), clean.values[1]),), 1, 40)
    for cells in csv.reader(io.StringIO(suspects_csv(suspects, hostile).decode("utf-8-sig"))):
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_key_follows_from_the_values_alone() -> None:
    values = clean_rows(3)
    keys = row_keys(values, NAMES)
    assert len(set(keys)) == 3
    assert keys == row_keys(values[:, ::-1], NAMES[::-1])
    assert keys[0] != row_keys(np.nextafter(values, np.inf), NAMES)[0]
    assert keys[0] != row_keys(values, ("pressure", "flow", "temperature", "voltage"))[0]
    assert row_keys(np.array([[0.0]]), ["a"]) == row_keys(np.array([[-0.0]]), ["a"])
