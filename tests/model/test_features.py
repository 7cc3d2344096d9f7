import numpy as np
import pytest
from pydantic import ValidationError

from model.features import MAX_FEATURES, Feature, FeatureSpec

PRESSURE = Feature(name="pressure", unit="bar", low=0, high=20)
FLOW = Feature(name="flow")


def test_a_spec_keeps_names_and_ranges_in_the_order_given() -> None:
    spec = FeatureSpec(features=(FLOW, PRESSURE))
    assert len(spec) == 2
    assert spec.names == ("flow", "pressure")
    np.testing.assert_array_equal(spec.lows, [-np.inf, 0])
    np.testing.assert_array_equal(spec.highs, [np.inf, 20])


def test_a_name_twice_is_refused_and_named() -> None:
    with pytest.raises(ValidationError, match="names must be unique.*flow"):
        FeatureSpec(features=(FLOW, PRESSURE, FLOW))


@pytest.mark.parametrize(("low", "high"), [(5, 5), (6, 5)])
def test_a_range_with_nothing_inside_is_refused_and_named(low: float, high: float) -> None:
    with pytest.raises(ValidationError, match=rf"feature 'flow': low \({low}\) must be below high \(5\)"):
        Feature(name="flow", low=low, high=high)


@pytest.mark.parametrize("bound", [float("nan"), float("inf")])
def test_a_bound_is_a_number_or_absent(bound: float) -> None:
    with pytest.raises(ValidationError, match="finite"):
        Feature(name="flow", low=bound)


@pytest.mark.parametrize("count", [0, MAX_FEATURES + 1])
def test_the_number_of_features_is_bounded(count: int) -> None:
    with pytest.raises(ValidationError, match="features"):
        FeatureSpec(features=tuple(Feature(name=f"f{i}") for i in range(count)))


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(ValidationError, match="name"):
        Feature(name="")


@pytest.mark.parametrize(
    ("feature", "sentence"),
    [
        (PRESSURE, "'pressure' is 25 bar, outside its declared range [0, 20]"),
        (Feature(name="level", high=3), "'level' is 25, outside its declared range [-inf, 3]"),
        (Feature(name="level", low=30), "'level' is 25, outside its declared range [30, inf]"),
    ],
)
def test_a_value_outside_is_described_with_unit_and_range(feature: Feature, sentence: str) -> None:
    assert FeatureSpec(features=(feature,)).describe_outside(0, 25.0) == sentence
