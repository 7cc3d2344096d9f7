"""The table of residuals by feature."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.features import Feature, FeatureSpec
from training.report.feature_residuals import SHOWN, residual_table

Array = NDArray[np.float64]


def spec(count: int) -> FeatureSpec:
    return FeatureSpec(features=tuple(Feature(name=f"f{i}", unit="bar") for i in range(count)))


def residuals(*spreads: float, count: int = 400) -> Array:
    drawn = np.random.default_rng(0).normal(size=(count, len(spreads)))
    exact: Array = (drawn - drawn.mean(axis=0)) / drawn.std(axis=0) * np.array(spreads)
    return exact


def test_features_stand_widest_first_with_their_error_in_units() -> None:
    table = residual_table(residuals(0.1, 0.5, 0.3), spec(3), np.array([2.0, 4.0, 10.0]))
    assert [row.name for row in table.rows] == ["f1", "f2", "f0"]
    assert [row.spread for row in table.rows] == pytest.approx([0.5, 0.3, 0.1])
    assert [row.typical_error for row in table.rows] == pytest.approx([2.0, 3.0, 0.2])


def test_a_bias_counts_towards_the_error_and_is_named() -> None:
    values = residuals(0.1, 0.1)
    values[:, 1] += 0.4
    table = residual_table(values, spec(2), np.ones(2))
    assert table.rows[0].bias == pytest.approx(0.4)
    assert table.rows[0].typical_error == pytest.approx(np.hypot(0.1, 0.4))
    assert table.biased == ("f1",)


def test_a_feature_as_wide_as_ever_is_named_unexplained() -> None:
    assert residual_table(residuals(1.0, 0.2), spec(2), np.ones(2)).unexplained == ("f0",)


def test_a_box_lies_where_its_quantiles_lie() -> None:
    values = residuals(0.3)
    table = residual_table(values, spec(1), np.ones(1))
    quantiles = np.quantile(values[:, 0], [0.01, 0.25, 0.5, 0.75, 0.99])
    assert table.rows[0].box == pytest.approx(50 + 50 * quantiles / table.reach, abs=0.006)
    assert not table.rows[0].cut


def test_one_wild_feature_is_cut_at_the_edge_and_leaves_the_others_readable() -> None:
    table = residual_table(residuals(0.3, 0.3, 0.3, 1e30), spec(4), np.ones(4))
    assert [row.cut for row in table.rows] == [True, False, False, False]
    assert table.rows[0].box[0] == 0
    assert table.rows[0].box[-1] == 100
    assert table.rows[1].box[-1] - table.rows[1].box[0] > 10


def test_only_the_widest_of_many_features_are_shown() -> None:
    table = residual_table(residuals(*np.linspace(0.01, 1, 120)), spec(120), np.ones(120))
    assert len(table.rows) == SHOWN
    assert table.total == 120
    assert table.rows[0].name == "f119"


def test_residuals_of_nothing_but_zero_still_have_a_strip() -> None:
    table = residual_table(np.zeros((10, 2)), spec(2), np.ones(2))
    assert table.reach == 1.0
    assert table.rows[0].box == (50.0,) * 5
