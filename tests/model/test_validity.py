import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from model.features import Feature, FeatureSpec
from model.validity import REASON_CODES, invalid_samples, reason
from tests.samples import FEATURES, clean_rows

SPEC = FeatureSpec(features=FEATURES)
GOOD = [8.0, 120.0, 45.0, 11.0]
NAN, INF = float("nan"), float("inf")


def test_clean_rows_are_all_valid() -> None:
    assert invalid_samples(clean_rows(200), SPEC) == {}


@pytest.mark.parametrize(
    ("sample", "sentence"),
    [
        ([NAN, 120, 45, 11], "missing_value: 'pressure' has no value"),
        ([NAN, 120, NAN, 11], "missing_value: 'pressure', 'temperature' have no value"),
        ([8, INF, 45, 11], "infinite_value: 'flow' is infinite"),
        ([8, 120, 45, -INF], "infinite_value: 'current' is infinite"),
        ([21, 120, 45, 11], "out_of_range: 'pressure' is 21 bar, outside its declared range [0, 20]"),
        (
            [20.0000001, 120, 45, 11],
            "out_of_range: 'pressure' is 20.0000001 bar, outside its declared range [0, 20]",
        ),
        ([8, 120, -41, 11], "out_of_range: 'temperature' is -41 degC, outside its declared range [-40, 200]"),
        ([-INF, NAN, 45, 11], "missing_value: 'flow' has no value"),
        ([99, 120, INF, 11], "infinite_value: 'temperature' is infinite"),
    ],
)
def test_a_sample_that_cannot_be_judged_is_found_and_the_first_fault_named(sample: list[float], sentence: str) -> None:
    assert invalid_samples(np.array([GOOD, sample, GOOD]), SPEC) == {1: sentence}


def test_the_ends_of_a_declared_range_belong_to_it() -> None:
    assert invalid_samples(np.array([[0.0, 120, -40, 11], [20.0, 120, 200, 11]]), SPEC) == {}


def test_a_feature_without_a_range_may_be_anything_finite() -> None:
    assert invalid_samples(np.array([[8.0, 1e300, 45, -1e300]]), SPEC) == {}


def test_a_row_without_any_value_lists_a_few_names_and_counts_the_rest() -> None:
    wide = FeatureSpec(features=tuple(Feature(name=f"f{i}") for i in range(8)))
    assert invalid_samples(np.full((1, 8), NAN), wide) == {
        0: "missing_value: 'f0', 'f1', 'f2', 'f3', 'f4' and 3 more have no value"
    }


def test_no_samples_have_no_faults() -> None:
    assert invalid_samples(np.empty((0, 4)), SPEC) == {}


@given(arrays.arrays(np.float64, st.tuples(st.integers(0, 6), st.just(4)), elements=st.floats()))
@settings(deadline=None)
def test_exactly_the_rows_with_a_bad_value_are_invalid_and_every_reason_begins_with_its_code(
    x: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> None:
    found = invalid_samples(x, SPEC)
    for row, sample in enumerate(x):
        fine = all(
            np.isfinite(value) and (f.low is None or value >= f.low) and (f.high is None or value <= f.high)
            for value, f in zip(sample, FEATURES, strict=True)
        )
        assert (row not in found) == fine
    assert {text.split(":")[0] for text in found.values()} <= set(REASON_CODES)


def test_a_reason_is_its_code_then_the_detail() -> None:
    assert reason("out_of_range", "too hot: 90 degC") == "out_of_range: too hot: 90 degC"
