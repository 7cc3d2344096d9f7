from pathlib import Path

import numpy as np
import pytest

from model.errors import InputError
from training.clean_data import CleanData, read_clean_data
from training.config import TrainingConfig
from training.config_file import load_config

HEADER = "time,P1,P2\n"


def csv(folder: Path, text: str, name: str = "clean.csv") -> str:
    file = folder / name
    file.write_text(text)
    return str(file)


def rows(count: int = 5) -> str:
    return "".join(f"{index},{index * 1.5},{index**2}\n" for index in range(count))


def read(path: str, label: str | None = None, **overrides: object) -> CleanData:
    config: TrainingConfig = load_config(
        None, {"data.time": "time"} | {k.replace("__", "."): v for k, v in overrides.items()}
    )
    return read_clean_data([path], config, label)


def test_every_column_that_means_nothing_else_is_a_feature(tmp_path: Path) -> None:
    clean = read(csv(tmp_path, HEADER + rows()))
    assert clean.spec.names == ("P1", "P2")
    np.testing.assert_array_equal(clean.values[:, 1], [0, 1, 4, 9, 16])


def test_rows_are_put_in_time_order_and_the_moved_ones_counted(tmp_path: Path) -> None:
    clean = read(csv(tmp_path, HEADER + "2,3,4\n1,1,1\n3,9,5\n"))
    assert clean.values[:, 0].tolist() == [1, 3, 9]
    assert clean.reordered_rows == 1
    assert clean.place[0].endswith("row 2")


def test_timestamps_order_rows(tmp_path: Path) -> None:
    text = HEADER + "2026-03-01 10:00:05,2,9\n2026-03-01T10:00:01,1,4\n"
    assert read(csv(tmp_path, text)).values[:, 0].tolist() == [1, 2]


def test_a_time_column_of_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'time' must hold numbers or ISO 8601 timestamps"):
        read(csv(tmp_path, HEADER + "soon,2,9\nlater,1,4\n"))


def test_bad_rows_are_rejected_one_by_one_with_their_place(tmp_path: Path) -> None:
    clean = read(csv(tmp_path, HEADER + rows(4) + "4,broken,1\n5,2\n6,7,49\n"))
    assert len(clean.values) == 5
    assert clean.rejections.count == 2
    assert "clean.csv row 5" in clean.rejections.sentences[0]
    assert "broken" in clean.rejections.sentences[0]
    assert "clean.csv row 6" in clean.rejections.sentences[1]


def test_a_column_of_text_is_refused_with_advice(tmp_path: Path) -> None:
    text = "time,P1,operator\n" + "".join(f"{i},{i},bob\n" for i in range(5))
    with pytest.raises(InputError, match="column 'operator' holds text.*row 1.*name it under ignore, time or group"):
        read(csv(tmp_path, text))


def test_missing_values_are_counted_by_column_and_their_rows_left_out(tmp_path: Path) -> None:
    clean = read(csv(tmp_path, HEADER + rows(5) + "5,,1\n6,NaN,\n"))
    assert clean.missing_values == {"P1": 2, "P2": 1}
    assert clean.incomplete_rows == 2
    assert len(clean.values) == 5
    assert clean.rejections.count == 0


def test_rows_outside_the_declared_range_are_rejected(tmp_path: Path) -> None:
    clean = read(csv(tmp_path, HEADER + rows(5)), features__P1__high=5.0)
    assert len(clean.values) == 4
    assert "'P1' is 6, outside its declared range [-inf, 5]" in clean.rejections.sentences[0]


def test_constant_columns_are_refused_or_dropped_as_asked(tmp_path: Path) -> None:
    path = csv(tmp_path, HEADER + "0,1,7\n1,2,7\n2,3,7\n")
    with pytest.raises(InputError, match=r"never change.*'P2' \(always 7\)"):
        read(path)
    clean = read(path, data__constant="drop")
    assert clean.spec.names == ("P1",)
    assert clean.dropped_columns == {"P2": "always 7"}


def test_duplicate_columns_are_refused_or_dropped_as_asked(tmp_path: Path) -> None:
    path = csv(tmp_path, HEADER + "0,1,1\n1,2,2\n2,3,3\n")
    with pytest.raises(InputError, match=r"repeat another: 'P2' \(the same as P1\)"):
        read(path)
    assert read(path, data__duplicate="drop").dropped_columns == {"P2": "the same as P1"}


def test_a_column_without_any_value_counts_as_constant(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'P2' \(has no value at all\)"):
        read(csv(tmp_path, HEADER + "0,1,\n1,2,\n"))


def test_an_anomaly_among_clean_rows_is_refused(tmp_path: Path) -> None:
    path = csv(tmp_path, "time,P1,bad\n0,1,0\n1,2,1\n2,3,0\n")
    with pytest.raises(InputError, match=r"found 1 rows with bad = 1 \(the first: .*row 2\)"):
        read(path, label="bad")


def test_a_label_column_that_calls_all_rows_normal_is_no_feature(tmp_path: Path) -> None:
    assert read(csv(tmp_path, "time,P1,bad\n0,1,0\n1,2,0\n"), label="bad").spec.names == ("P1",)


def test_the_fingerprint_follows_every_value(tmp_path: Path) -> None:
    first = read(csv(tmp_path, HEADER + rows(), "a.csv")).fingerprint
    assert read(csv(tmp_path, HEADER + rows(), "b.csv")).fingerprint == first
    assert read(csv(tmp_path, HEADER + rows(6), "c.csv")).fingerprint != first


def test_files_must_share_their_columns(tmp_path: Path) -> None:
    csv(tmp_path, HEADER + rows(), "a.csv")
    csv(tmp_path, "time,P1,P7\n0,1,2\n", "b.csv")
    with pytest.raises(InputError, match=r"b\.csv: expected column 'P2', found time, P1, P7"):
        read(str(tmp_path))


def test_rows_that_repeat_an_earlier_one_exactly_are_counted_and_kept(tmp_path: Path) -> None:
    clean = read(csv(tmp_path, HEADER + rows(5) + "5,0,0\n6,1.5,1\n7,1.5,1\n8,1.5,2\n"))
    assert clean.repeated_rows == 3
    assert len(clean.values) == 9
