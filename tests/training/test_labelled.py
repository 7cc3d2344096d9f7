from pathlib import Path

import pytest

from model.errors import InputError
from model.features import Feature, FeatureSpec
from training.labelled import Labelled, read_labelled

SPEC = FeatureSpec(features=(Feature(name="P1"), Feature(name="P2")))


def labelled(folder: Path, text: str) -> Labelled:
    file = folder / "test.csv"
    file.write_text(text)
    return Labelled((str(file),), "fault")


def test_features_are_found_by_name_and_other_columns_passed_over(tmp_path: Path) -> None:
    rows = read_labelled(labelled(tmp_path, "P2,extra,P1,fault\n1,x,2,0\n3,y,4,true\n"), SPEC)
    assert rows.values.tolist() == [[2, 1], [4, 3]]
    assert rows.anomalous.tolist() == [False, True]


def test_a_label_that_says_neither_is_a_rejected_row(tmp_path: Path) -> None:
    rows = read_labelled(labelled(tmp_path, "P1,P2,fault\n1,2,0\n5,6,maybe\n"), SPEC)
    assert len(rows.values) == 1
    assert "test.csv row 2: 'fault' is 'maybe', expected 0 or 1" in rows.rejections.sentences[0]


def test_a_missing_label_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"test\.csv: expected column 'fault', found P1, P2"):
        read_labelled(labelled(tmp_path, "P1,P2\n1,2\n"), SPEC)
