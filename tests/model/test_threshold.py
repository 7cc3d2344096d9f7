from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from model.threshold import Threshold, p_values

# Few distinct values, so that ties are the rule.
tied = st.integers(0, 6).map(float)
score_lists = st.lists(st.one_of(tied, st.floats(0, 1e12)), min_size=1, max_size=60)


def threshold(value: float = 2.0) -> Threshold:
    return Threshold(value=value, target_fpr=0.01, rule="tolerance", confidence=0.95, calibration_count=299)


@given(score_lists, score_lists)
@settings(deadline=None)
def test_p_values_are_counted_as_defined_ties_included(calibration: list[float], scores: list[float]) -> None:
    found = p_values(np.array(scores), np.sort(calibration))
    for score, p_value in zip(scores, found, strict=True):
        counted = Fraction(1 + sum(other >= score for other in calibration), len(calibration) + 1)
        assert p_value == float(counted)


@given(score_lists, st.lists(st.floats(0, allow_infinity=False), min_size=1, max_size=20))
@settings(deadline=None)
def test_p_values_lie_above_zero_and_at_most_at_one(calibration: list[float], scores: list[float]) -> None:
    found = p_values(np.array(scores), np.sort(calibration))
    assert (found >= 1 / (len(calibration) + 1)).all()
    assert (found <= 1).all()


@given(score_lists, score_lists)
@settings(deadline=None)
def test_a_higher_score_never_has_a_higher_p_value(calibration: list[float], scores: list[float]) -> None:
    found = p_values(np.sort(scores), np.sort(calibration))
    assert (np.diff(found) <= 0).all()


def test_p_values_of_clean_scores_are_uniform() -> None:
    # Over calibration sets, P(p <= j / (n + 1)) = j / (n + 1) for a fresh clean score.
    rng = np.random.default_rng(0)
    n, sets = 19, 20_000
    draws = rng.exponential(size=(sets, n + 1))
    found = np.array([p_values(row[-1:], np.sort(row[:-1]))[0] for row in draws])
    shares = np.bincount(np.rint(found * (n + 1)).astype(int), minlength=n + 2)[1:] / sets
    assert np.abs(shares - 1 / (n + 1)).max() < 5 * np.sqrt((1 / 20) * (19 / 20) / sets)


def test_severity_is_one_half_at_the_threshold_and_zero_at_no_error() -> None:
    assert threshold(2.0).severity(np.array([0.0, 2.0, 6.0])).tolist() == [0.0, 0.5, 0.75]


@given(st.floats(1e-300, 1e300), st.lists(st.floats(0, 1e300), min_size=1, max_size=20))
@settings(deadline=None)
def test_severity_is_bounded_and_never_falls_as_the_score_rises(value: float, scores: list[float]) -> None:
    severity = threshold(value).severity(np.sort(scores))
    assert ((severity >= 0) & (severity <= 1)).all()
    assert (np.diff(severity) >= 0).all()


def test_severity_at_a_threshold_of_zero_is_all_or_nothing() -> None:
    assert threshold(0.0).severity(np.array([0.0, 1e-9])).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("value", float("nan")),
        ("value", float("inf")),
        ("value", -1.0),
        ("target_fpr", 0.0),
        ("target_fpr", 1.0),
        ("confidence", 1.0),
        ("calibration_count", 0),
        ("rule", "percentile"),
        ("margin", 1.0),
    ],
)
def test_a_threshold_that_means_nothing_cannot_be_made(field: str, value: object) -> None:
    fields = {**threshold().model_dump(), field: value}
    with pytest.raises(ValidationError, match=field):
        Threshold.model_validate(fields)
