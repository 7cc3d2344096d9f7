from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.features import Feature, FeatureSpec
from model.tables.sources import resolve_sources
from model.tables.table import read_rows
from service.errors import StructureError
from service.samples import read_samples
from tests.samples import FEATURES

SPEC = FeatureSpec(features=FEATURES)
GOOD = [8.0, 120.0, 45.0, 11.0]
NAMED = dict(zip(SPEC.names, GOOD, strict=True))


def test_arrays_are_taken_in_feature_order() -> None:
    read = read_samples([[1, 2.5, -3, 2**63]], SPEC, may_hold_booleans=False)
    assert read.x.tolist() == [[1, 2.5, -3, 2.0**63]]
    assert not read.unreadable


def test_objects_are_taken_by_name_in_any_order() -> None:
    backwards = dict(reversed(NAMED.items()))
    read = read_samples([NAMED, backwards], SPEC, may_hold_booleans=False)
    assert read.x.tolist() == [GOOD, GOOD]


def test_a_single_feature_can_be_named() -> None:
    spec = FeatureSpec(features=(Feature(name="load"),))
    assert read_samples([{"load": 3.5}], spec, may_hold_booleans=False).x.tolist() == [[3.5]]


def test_null_is_a_missing_value_and_not_an_unreadable_sample() -> None:
    read = read_samples([GOOD, [8.0, None, 45.0, 11.0]], SPEC, may_hold_booleans=False)
    np.testing.assert_array_equal(read.x[1], [8.0, np.nan, 45.0, 11.0])
    assert not read.unreadable


@pytest.mark.parametrize(
    ("value", "shown"),
    [("1.5", "'1.5'"), ("a\n", r"'a\n'"), (True, "true"), (False, "false"), ([1.0], "an array"), ({}, "an object")],
)
def test_a_value_that_is_no_number_makes_only_its_own_sample_unreadable(value: object, shown: str) -> None:
    read = read_samples([GOOD, [8.0, value, 45.0, 11.0], GOOD], SPEC, may_hold_booleans=True)
    assert [*read.unreadable] == [1]
    assert read.unreadable[1] == f"not_a_number: 'flow' is {shown}, expected a number"
    assert np.isnan(read.x[1, 1])


def test_a_text_is_told_in_the_words_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(f"{','.join(SPEC.names)}\n8,abc,45,11\n")
    (source,) = resolve_sources([str(tmp_path / "x.csv")])
    (rows,) = read_rows(source)
    _, unreadable = rows.numbers(SPEC.names)
    assert read_samples([[8, "abc", 45, 11]], SPEC, may_hold_booleans=False).unreadable == unreadable


def test_a_long_text_is_shown_in_part() -> None:
    read = read_samples([[8, "y" * 10_000, 45, 11]], SPEC, may_hold_booleans=False)
    assert len(read.unreadable[0]) < 300


@pytest.mark.parametrize(
    ("samples", "expected", "found"),
    [
        ([[1, 2, 3]], "an array of 4 values in the order 'pressure', 'flow', 'temperature', 'current'", "3 values"),
        ([[]], "an array of 4 values", "0 values"),
        ([GOOD, NAMED], "an array of 4 values", "an object"),
        ([NAMED, GOOD], "an object with the names 'pressure', 'flow', 'temperature', 'current'", "an array"),
        ([7], "an array of 4 values", "7"),
        ([None], "an array of 4 values", "null"),
        ([NAMED | {"flw": 1}], "an object with the names", "unknown 'flw'"),
        ([{"flow": 1, "flw": 2, "temperature": 3, "current": 4}], "an object", "no 'pressure', unknown 'flw'"),
        ([{}], "an object with the names", "no 'pressure', 'flow', 'temperature', 'current'"),
    ],
)
def test_a_structure_that_does_not_fit_is_refused_with_what_was_expected_and_found(
    samples: list[Any], expected: str, found: str
) -> None:
    with pytest.raises(StructureError) as refused:
        read_samples(samples, SPEC, may_hold_booleans=False)
    described: Any = refused.value.details["samples"]
    assert described[0]["expected"].startswith(expected)
    assert described[0]["found"] == found


def test_every_bad_sample_is_counted_and_the_first_few_are_described() -> None:
    with pytest.raises(StructureError, match=r"30 of 31 samples .* sample 1: expected .*, found 1 values") as refused:
        read_samples([GOOD, *[[1]] * 30], SPEC, may_hold_booleans=False)
    described: Any = refused.value.details["samples"]
    assert refused.value.details["bad_samples"] == 30
    assert [fault["sample"] for fault in described] == [*range(1, 21)]


def test_many_or_long_names_are_not_repeated_at_length() -> None:
    with pytest.raises(StructureError) as refused:
        read_samples([{"n" * 10_000 + str(i): 1 for i in range(5000)}], SPEC, may_hold_booleans=False)
    assert len(str(refused.value)) < 1500
    assert "and 4,990 more" in str(refused.value)


def test_names_may_be_left_out_where_values_may_be_absent() -> None:
    spec = FeatureSpec(features=FEATURES, most_absent=2)
    read = read_samples([{"flow": 120.0, "current": None, "pressure": 8.0}], spec, may_hold_booleans=False)
    np.testing.assert_array_equal(read.x, [[8.0, 120.0, np.nan, np.nan]])
    assert not read.unreadable


def test_unknown_names_are_refused_where_values_may_be_absent_too() -> None:
    spec = FeatureSpec(features=FEATURES, most_absent=2)
    with pytest.raises(StructureError, match="unknown 'flwo'"):
        read_samples([{"flwo": 120.0}], spec, may_hold_booleans=False)
