"""One sample against its reconstruction."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.features import Feature, FeatureSpec
from training.report.sample_comparison import BEYOND_COUNTING, SHOWN, compare


def spec(count: int) -> FeatureSpec:
    return FeatureSpec(features=tuple(Feature(name=f"f{i}") for i in range(count)))


def clean(spread: float, count: int) -> NDArray[np.float64]:
    return np.tile([[-spread], [spread]], (50, count))


def test_a_deviation_counts_in_usual_errors_of_its_feature() -> None:
    comparison = compare(np.array([13.0, 5.0]), np.array([10.0, 6.0]), spec(2), np.array([2.0, 1.0]), clean(0.5, 2))
    assert [row.name for row in comparison.rows] == ["f0", "f1"]
    assert [row.deviation for row in comparison.rows] == pytest.approx([3.0, -2.0])


def test_bars_grow_from_the_middle_of_the_strip() -> None:
    rows = compare(np.array([8.0, -2.0]), np.zeros(2), spec(2), np.ones(2), clean(1.0, 2)).rows
    assert [(row.start, row.length) for row in rows] == [(50.0, 50.0), (37.5, 12.5)]


def test_ordinary_noise_does_not_fill_the_strip() -> None:
    assert compare(np.array([0.4]), np.zeros(1), spec(1), np.ones(1), clean(1.0, 1)).rows[0].length == 5.0


def test_features_that_are_not_shown_are_summed_up() -> None:
    observed = np.arange(12.0)
    comparison = compare(observed, np.zeros(12), spec(12), np.ones(12), clean(1.0, 12))
    assert len(comparison.rows) == SHOWN
    assert comparison.hidden == 4
    assert comparison.hidden_within == 3.0


@pytest.mark.parametrize("observed", [1e30, 1e300])
def test_a_value_beyond_all_bounds_ends_at_the_edge(observed: float) -> None:
    row = compare(np.array([observed]), np.zeros(1), spec(1), np.ones(1), clean(0.1, 1)).rows[0]
    assert row.deviation == BEYOND_COUNTING
    assert (row.start, row.length) == (50.0, 50.0)


def test_a_feature_that_is_usually_exact_is_either_on_the_spot_or_far_off() -> None:
    rows = compare(np.array([1.0, 1.1]), np.ones(2), spec(2), np.ones(2), clean(0.0, 2)).rows
    assert [(row.name, row.deviation) for row in rows] == [("f1", BEYOND_COUNTING), ("f0", 0.0)]
