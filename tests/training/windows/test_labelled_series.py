"""Labelled series: a window for every step that ends one, labelled as that step is, and every other row counted."""

from pathlib import Path

import numpy as np
import pytest

from model.errors import InputError
from model.features import Feature, FeatureSpec
from model.modality import Window
from tests.training.windows.series_files import reading, write_series
from training.clean_samples import LabelledSamples
from training.labelled import Labelled
from training.windows.labelled_series import read_labelled_series

SPEC = FeatureSpec(features=(Feature(name="P1"), Feature(name="P2")))
WINDOW = Window(length=4, stride=2, sampling_interval=1.0, time="time")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(
    file: str, steps: list[float], *, window: Window = WINDOW, cells: dict[float, str] | None = None
) -> LabelledSamples:
    def row(step: float) -> str:
        return f"{(cells or {}).get(step, reading(step))},{int(step >= 10)}"

    name = write_series(file, steps, row, header="P1,P2,fault")
    return read_labelled_series(Labelled((name,), "fault"), SPEC, window)


def test_every_step_that_ends_a_window_has_the_label_of_that_step() -> None:
    found = read("t.csv", [float(step) for step in range(16)])
    assert len(found.x) == 13
    assert found.anomalous.tolist() == [False] * 7 + [True] * 6
    assert found.place[0] == "t.csv row 4"
    assert found.x[:1][0].tolist() == [[0, 0.5], [1, 1.5], [2, 2.5], [3, 3.5]]


def test_rows_that_end_no_window_are_counted_once_each() -> None:
    steps = [*range(8), *range(20, 28), 3]
    found = read("t.csv", [float(step) for step in steps], cells={22: "1,"})
    assert len(found.x) + found.rejections.count == len(steps)
    assert found.place == [*(f"t.csv row {row}" for row in range(4, 9)), *(f"t.csv row {row}" for row in (15, 16))]
    sentences = " ".join(found.rejections.sentences)
    assert "t.csv row 1: its window of 4 steps is not whole" in sentences
    assert "t.csv row 11: a channel has no value" in sentences
    assert "t.csv row 17: it repeats the time of another row" in sentences


def test_a_series_without_a_whole_window_is_refused() -> None:
    with pytest.raises(InputError, match="no window of 4 steps is whole; the longest stretch without a gap has 3 rows"):
        read("t.csv", [0, 1, 2, 10, 11, 12])


def test_a_series_at_another_interval_is_refused() -> None:
    with pytest.raises(InputError, match=r"expected rows 1 s apart, found 100% .*the median is 0.25 s"):
        read("t.csv", np.arange(0, 10, 0.25).tolist())
