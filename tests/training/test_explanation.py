from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from model.features import FeatureSpec
from model.raw_scorer import RawScorer
from tests.model.quadratic import quadratic_scorer
from tests.samples import FEATURES, clean_rows
from training.clean_data import CleanData
from training.config import SplitConfig
from training.explanation import (
    CANDIDATES,
    SKETCH_VALUES,
    choose_sketch,
    interval_half_widths,
    keep_for_explaining,
)
from training.raw_data import Rejections
from training.split import Rows, split_rows

LOW, HIGH = np.full(3, -9.0), np.full(3, 9.0)


@pytest.fixture(scope="module")
def raw() -> RawScorer:
    rows = clean_rows(2000)
    covariance = np.cov((rows - rows.mean(axis=0)).T)
    return quadratic_scorer(np.asarray(np.linalg.cholesky(np.linalg.inv(covariance)), dtype=np.float64))


def clean_data(values: NDArray[np.float64]) -> CleanData:
    return CleanData(
        spec=FeatureSpec(features=FEATURES),
        values=values,
        place=tuple(f"/plant/line 3/clean.csv row {row}" for row in range(len(values))),
        group=None,
        fingerprint="",
        sources=("/plant/line 3/clean.csv",),
        rejections=Rejections(),
        missing_values={},
        incomplete_rows=0,
        dropped_columns={},
        reordered_rows=0,
        repeated_rows=0,
    )


def parts_of(count: int) -> tuple[Rows, Rows]:
    """Return the rows learned from, and those that were not."""
    split = split_rows(count, None, SplitConfig(), 0)
    return split.train, split.calibration


def test_a_half_width_covers_fresh_readings_as_often_as_it_says() -> None:
    """Readings independent of each other are best imputed by their mean, 0; the score is least there."""
    rng = np.random.default_rng(1)
    found = interval_half_widths(quadratic_scorer(np.eye(3)), rng.normal(size=(199, 3)), LOW, HIGH)
    assert found is not None
    np.testing.assert_allclose((np.abs(rng.normal(size=(100_000, 3))) <= found).mean(axis=0), 0.95, atol=0.05)


def test_a_half_width_is_the_order_statistic_of_split_conformal_prediction() -> None:
    rows = np.random.default_rng(2).normal(size=(39, 3))
    found = interval_half_widths(quadratic_scorer(np.eye(3)), rows, LOW, HIGH)
    assert found is not None
    np.testing.assert_allclose(found, np.sort(np.abs(rows), axis=0)[37], atol=1e-3)  # ceil(0.95 * 40) = 38th


def test_with_too_few_rows_there_are_no_intervals() -> None:
    rows = np.zeros((19, 3))
    assert interval_half_widths(quadratic_scorer(np.eye(3)), rows[:18], LOW, HIGH) is None
    assert interval_half_widths(quadratic_scorer(np.eye(3)), rows, LOW, HIGH) is not None


def test_rows_that_are_alike_make_narrow_intervals() -> None:
    found = interval_half_widths(quadratic_scorer(np.eye(3)), np.zeros((50, 3)), LOW, HIGH)
    assert found is not None
    np.testing.assert_allclose(found, 0, atol=1e-3)


def test_ranges_reach_a_little_beyond_clean_readings_but_not_beyond_what_is_possible(raw: RawScorer) -> None:
    values = clean_rows(400)
    values[0, 0] = 0.01  # nearly the lowest pressure there can be
    kept = keep_for_explaining(raw, clean_data(values), *parts_of(400), 50, 0).explanation
    pressure, flow = kept.readings[:2]
    train = values[parts_of(400)[0]]
    assert pressure.low == 0.0
    assert flow.low == pytest.approx(train[:, 1].min() - 0.1 * np.ptp(train[:, 1]))
    assert flow.high == pytest.approx(train[:, 1].max() + 0.1 * np.ptp(train[:, 1]))
    assert flow.scale == pytest.approx(train[:, 1].std())


def test_the_sketch_holds_real_rows_with_their_places_and_no_folders(raw: RawScorer) -> None:
    values = clean_rows(400)
    kept = keep_for_explaining(raw, clean_data(values), *parts_of(400), 50, 0)
    assert kept.sketch is not None
    rows = [int(place.removeprefix("clean.csv row ")) for place in kept.explanation.sketch_places]
    np.testing.assert_array_equal(kept.sketch, values[rows])
    assert len(rows) == 50


def test_a_place_is_kept_as_one_line(raw: RawScorer) -> None:
    clean = replace(clean_data(clean_rows(400)), place=("/data/\u2028new\nline.csv row 1",) * 400)
    kept = keep_for_explaining(raw, clean, *parts_of(400), 1, 0)
    assert kept.explanation.sketch_places == (r"\u2028new\nline.csv row 1",)


def test_no_sketch_is_kept_where_none_is_wanted(raw: RawScorer) -> None:
    kept = keep_for_explaining(raw, clean_data(clean_rows(400)), *parts_of(400), 0, 0)
    assert kept.sketch is None
    assert kept.explanation.sketch_places == ()
    assert kept.explanation.rows == parts_of(400)[1].size  # intervals do not need it


def test_a_sketch_keeps_rare_states_beside_common_ones() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(2000, 3))
    values[::200] += 8  # ten rows of another state
    chosen = choose_sketch(values, values.std(axis=0), 40, 0)
    assert (values[chosen].mean(axis=1) > 4).sum() >= 2  # evenly spaced rows would hold none or one in five


def test_a_sketch_of_wide_rows_has_fewer_of_them() -> None:
    features = SKETCH_VALUES // 20
    values = np.random.default_rng(4).normal(size=(30, features))
    assert choose_sketch(values, np.ones(features), 1000, 0).size == 20


def test_few_rows_are_all_kept() -> None:
    values = np.random.default_rng(5).normal(size=(30, 3))
    np.testing.assert_array_equal(choose_sketch(values, np.ones(3), 100, 0), np.arange(30))


def test_rows_that_repeat_each_other_are_kept_once() -> None:
    values = np.repeat(np.array([[0.0], [1.0]]), 10 * CANDIDATES, axis=0)
    assert choose_sketch(values, np.ones(1), 10, 0).size <= 10


def test_the_same_seed_chooses_the_same_rows() -> None:
    values = np.random.default_rng(6).normal(size=(500, 3))
    chosen = [choose_sketch(values, np.ones(3), 20, seed).tolist() for seed in (2**62, 2**62, 1)]
    assert chosen[0] == chosen[1] != chosen[2]
