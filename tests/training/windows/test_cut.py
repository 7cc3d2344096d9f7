"""Windows of each part: none shares a row with another part's, and the gap between them is a window long."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import InputError
from model.features import Feature, FeatureSpec
from model.series.segments import find_segments
from model.series.windows import Windows
from tests.training.windows.series_files import config
from training.data_notes import DataNotes
from training.windows.cut import CutSeries, cut_for_cross_fitting, cut_series
from training.windows.series_data import Series

SPEC = FeatureSpec(features=(Feature(name="row"), Feature(name="P")))


def series(runs: list[int], broken: list[int]) -> Series:
    """Make runs of so many rows, the first channel numbering the rows; rows ``broken`` cannot be used."""
    count = sum(runs)
    group = np.repeat([f"run {run}" for run in range(len(runs))], runs)
    usable = ~np.isin(np.arange(count), broken)
    segments = find_segments(None, group, usable, 1.0)
    values = np.column_stack([np.arange(count), np.random.default_rng(0).normal(size=count)])[segments.order]
    return Series(
        spec=SPEC,
        values=values,
        segments=segments,
        interval=1.0,
        place=tuple(f"a.csv row {row + 1}" for row in segments.order),
        group=group[segments.order],
        label=None,
        fingerprint="sha256:0",
        sources=("a.csv",),
        notes=DataNotes(),
    )


def rows_of(windows: Windows) -> set[int]:
    return set(windows[:][:, :, 0].astype(int).ravel().tolist())


def parts(cut: CutSeries) -> tuple[set[int], set[int], set[int]]:
    return rows_of(cut.train), rows_of(cut.validation), rows_of(cut.calibration)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(60, 500), min_size=1, max_size=3),
    st.lists(st.integers(0, 1400), max_size=12),
    st.integers(2, 12),
    st.integers(1, 3),
)
def test_parts_share_no_row_and_lie_a_window_apart(
    runs: list[int], broken: list[int], length: int, stride: int
) -> None:
    whole = series([600, *runs], broken)
    cut = cut_series(whole, config(window__length=length, window__stride=stride))
    run_of = np.repeat(np.arange(len(runs) + 1), [600, *runs])
    found = parts(cut)
    for earlier, later in ((0, 1), (1, 2)):
        for run in range(len(runs) + 1):
            first = [row for row in found[earlier] if run_of[row] == run]
            second = [row for row in found[later] if run_of[row] == run]
            if first and second:
                assert min(second) - max(first) > length


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.integers(60, 300), min_size=5, max_size=8),
    st.lists(st.integers(0, 1000), max_size=8),
    st.integers(2, 12),
)
def test_by_group_every_run_is_in_one_part_whole(runs: list[int], broken: list[int], length: int) -> None:
    cut = cut_series(series(runs, broken), config(window__length=length, split__by="group", data__group="run"))
    run_of = np.repeat(np.arange(len(runs)), runs)
    train, validation, calibration = ({int(run_of[row]) for row in rows} for rows in parts(cut))
    assert not train & validation | train & calibration | validation & calibration
    assert cut.gap == 0


def test_calibration_has_a_window_for_every_step_as_it_is_served() -> None:
    cut = cut_series(series([2000], []), config(window__length=16, window__stride=8))
    rows = sorted(parts(cut)[2])
    assert rows == list(range(rows[0], 2000))
    assert len(cut.calibration) == len(rows) - 15
    assert np.diff(cut.train.ends).tolist() == [8] * (len(cut.train) - 1)
    assert cut.counts()["gap"] == 2 * 20


def test_calibration_windows_are_named_by_their_segment() -> None:
    cut = cut_series(series([1000, 1000], [1900]), config(window__length=8))
    ends = cut.calibration[:][:, -1, 0]
    expected = np.where(ends < 1000, "0", np.where(ends < 1900, "1", "2"))
    assert set(expected.tolist()) == {"0", "1", "2"}
    np.testing.assert_array_equal(cut.groups, expected)


def test_a_run_too_short_to_be_shared_out_is_learned_from() -> None:
    cut = cut_series(series([1000, 30], []), config(window__length=10))
    train, validation, calibration = parts(cut)
    assert set(range(1000, 1030)) <= train
    assert max(validation | calibration) < 1000


def test_an_asked_length_is_taken_and_a_proposed_one_explained() -> None:
    assert cut_series(series([900], []), config(window__length=12)).why == "as asked for"
    assert "autocorrelation" in cut_series(series([900], []), config()).why


def test_too_few_windows_are_refused_with_how_many_there_are() -> None:
    with pytest.raises(
        InputError, match=r"the validation part gets \d+ windows of 16 steps, 1 apart, at least 20 are needed"
    ):
        cut_series(series([220], []), config(window__length=16, window__stride=1)).checked("or other shares")
    short = cut_series(series([40] * 30, []), config(window__length=16))
    assert not short.has_enough()
    with pytest.raises(InputError, match=r"the validation part gets 0 windows .* or whole runs$"):
        short.checked("or whole runs")


def test_a_random_split_is_refused() -> None:
    with pytest.raises(InputError, match="windows overlap"):
        cut_series(series([900], []), config(split__by="random"))


def test_for_cross_fitting_every_window_calibrates_and_two_parts_share_no_row() -> None:
    cut = cut_for_cross_fitting(series([700], [300]), config(window__length=16, window__stride=1))
    train, validation, calibration = parts(cut)
    assert not train & validation
    assert calibration == set(range(700)) - {300}
    assert len(cut.calibration) == (300 - 15) + (399 - 15)


def test_for_cross_fitting_too_few_windows_are_refused() -> None:
    with pytest.raises(InputError, match="the validation part gets 0 windows of 64 steps"):
        cut_for_cross_fitting(series([300], []), config(window__length=64, window__stride=1))
