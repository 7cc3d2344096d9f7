"""Marks come back through spreadsheets and people: they hit the rows that were meant, or none."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from model.errors import InputError
from tests.samples import clean_rows
from training.clean_data import CleanData, read_clean_data
from training.config import TrainingConfig
from training.suspects.csv_file import suspects_csv
from training.suspects.exclude import leave_out_marked
from training.suspects.suspect import Suspect, Suspects

Table = list[dict[str, str]]
HEADER = "pressure,flow,temperature,température_2\n"


@pytest.fixture
def clean(tmp_path: Path) -> CleanData:
    rows = clean_rows(40)
    rows[30] = rows[3]
    body = "\n".join(",".join(repr(value) for value in row) for row in rows.tolist())
    (tmp_path / "clean.csv").write_text(f"{HEADER}{body}\n", "utf-8")
    return read_clean_data([str(tmp_path / "clean.csv")], TrainingConfig(), None)


def listed(clean: CleanData, *rows: int) -> Table:
    suspects = Suspects(tuple(Suspect(row, "neighbours", 0.1, (0,), clean.values[0]) for row in rows), 1, 40)
    return list(csv.DictReader(io.StringIO(suspects_csv(suspects, clean).decode("utf-8-sig"))))


def marked(
    folder: Path, table: Table, *marks: str, encoding: str = "utf-8-sig", delimiter: str = ",", name: str = "marked.csv"
) -> Path:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(table[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(row | {"exclude": mark} for row, mark in zip(table, marks, strict=True))
    file = folder / name
    file.write_bytes(out.getvalue().encode(encoding))
    return file


def test_marked_rows_are_left_out_and_accounted_for(clean: CleanData, tmp_path: Path) -> None:
    file = marked(tmp_path, listed(clean, 12, 5, 7), "x", "", "yes")
    kept = leave_out_marked(clean, [file])
    np.testing.assert_array_equal(kept.values, np.delete(clean.values, [7, 12], axis=0))
    assert kept.place == tuple(place for row, place in enumerate(clean.place) if row not in (7, 12))
    assert [place.rpartition("/")[2] for place in kept.excluded.places] == ["clean.csv row 8", "clean.csv row 13"]
    assert kept.excluded.files == (str(file),)
    assert kept.fingerprint != clean.fingerprint


def test_without_a_list_nothing_changes(clean: CleanData) -> None:
    assert leave_out_marked(clean, []) is clean


def test_several_lists_add_up(clean: CleanData, tmp_path: Path) -> None:
    one = marked(tmp_path, listed(clean, 12, 5), "1", "1", name="one.csv")
    other = marked(tmp_path, listed(clean, 5, 6), "X", "TRUE", name="other.csv")
    assert len(leave_out_marked(clean, [one, other]).excluded.places) == 3


def test_every_row_with_the_marked_values_goes(clean: CleanData, tmp_path: Path) -> None:
    kept = leave_out_marked(clean, [marked(tmp_path, listed(clean, 3), "x")])
    assert len(kept.excluded.places) == 2
    assert (clean.repeated_rows, kept.repeated_rows) == (1, 0)


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8", ";"), ("utf-16", "\t"), ("cp1252", ";"), ("mac-roman", ",")]
)
def test_what_a_spreadsheet_makes_of_the_file_is_read(
    clean: CleanData, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    table = [row | {"value of flow": "120,4", "by chance": "1,00E-01", "rank": ""} for row in listed(clean, 12, 5)]
    file = marked(tmp_path, table[::-1], "", "x", encoding=encoding, delimiter=delimiter)
    file.write_bytes(file.read_bytes() + (delimiter * 30 + "\r\n").encode(encoding).removeprefix(b"\xff\xfe"))
    assert leave_out_marked(clean, [file]).excluded.places[0].endswith("row 13")


def test_columns_that_do_not_identify_a_row_may_be_gone(clean: CleanData, tmp_path: Path) -> None:
    table = [{"key": row["key"], "exclude": ""} for row in listed(clean, 12)]
    assert leave_out_marked(clean, [marked(tmp_path, table, "x")]).excluded.places[0].endswith("row 13")


def test_a_row_that_moved_to_another_place_is_still_the_row(clean: CleanData, tmp_path: Path) -> None:
    file = marked(tmp_path, listed(clean, 12), "x")
    text = (tmp_path / "clean.csv").read_text("utf-8").splitlines()
    (tmp_path / "moved.csv").write_text("\n".join([text[0], *reversed(text[1:])]), "utf-8")
    moved = read_clean_data([str(tmp_path / "moved.csv")], TrainingConfig(), None)
    assert leave_out_marked(moved, [file]).excluded.places[0].endswith("moved.csv row 28")


SPOILT: dict[str, tuple[Callable[[Table], Table], str]] = {
    "nothing marked": (lambda table: table, "no row is marked; put an x into column 'exclude'"),
    "a word": (lambda t: [t[0] | {"exclude": "perhaps"}, t[1]], "line 2: 'exclude' is 'perhaps', expected x, 1 or yes"),
    "another key": (lambda t: [t[0], t[1] | {"key": "1.2E+15"}], "line 3: 'key' is '1.2E+15', expected what"),
    "a strange row": (
        lambda t: [t[0] | {"exclude": "x", "key": "r" + "0" * 16}],
        "line 2: this row cannot be found among the 40 clean rows",
    ),
    "another column": (
        lambda t: [row | {"value of voltage": "3"} for row in t],
        "column 'value of voltage' is neither",
    ),
    "no keys": (lambda t: [{"exclude": "x", "rank": row["rank"]} for row in t], "with a column 'key', found"),
    "twice, one marked": (
        lambda t: [t[0] | {"exclude": "x"}, t[0]],
        "line 3: the same values as in line 2, but only one of them is marked",
    ),
}


@pytest.mark.parametrize("way", SPOILT)
def test_what_cannot_be_understood_is_refused_in_a_sentence(clean: CleanData, tmp_path: Path, way: str) -> None:
    spoil, sentence = SPOILT[way]
    table = spoil(listed(clean, 12, 5))
    file = marked(tmp_path, table, *(row["exclude"] for row in table))
    with pytest.raises(InputError, match=re.escape(sentence)):
        leave_out_marked(clean, [file])


@pytest.mark.parametrize("before", ["\r\n\r\n", "sep=;\r\n", ";;;\r\n"])
def test_lines_before_the_column_names_are_passed_over(clean: CleanData, tmp_path: Path, before: str) -> None:
    file = marked(tmp_path, listed(clean, 12, 5), "x", "", delimiter=";", encoding="utf-8")
    file.write_text(before + file.read_text("utf-8"), "utf-8")
    assert leave_out_marked(clean, [file]).excluded.places[0].endswith("row 13")


def test_a_file_without_end_is_refused(clean: CleanData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.suspects.marks.MAX_BYTES", 1 << 20)
    with pytest.raises(InputError, match="/dev/zero: expected a list of suspects, found more than 1,048,576 bytes"):
        leave_out_marked(clean, [Path("/dev/zero")])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "with a column 'exclude', found nothing"),
        (b"PK\x03\x04", "a spreadsheet's own format; save it as CSV"),
        (b"\x00\xff\x00\xfe", "with a column 'exclude', found "),
        (b"time,pressure\n1,2\n", "with a column 'exclude', found 'time', 'pressure'"),
        (b'exclude,key\n"x', "line 2: 'key' is '', expected"),
    ],
)
def test_another_file_is_refused(clean: CleanData, tmp_path: Path, content: bytes, sentence: str) -> None:
    file = tmp_path / "other.csv"
    file.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(sentence)):
        leave_out_marked(clean, [file])


def test_an_absent_file_is_named(clean: CleanData, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.csv: no such file"):
        leave_out_marked(clean, [tmp_path / "absent.csv"])


def test_marking_everything_leaves_nothing_to_train_on(clean: CleanData, tmp_path: Path) -> None:
    table = listed(clean, *range(40))
    with pytest.raises(InputError, match="every clean row is marked"):
        leave_out_marked(clean, [marked(tmp_path, table, *["x"] * 40)])
