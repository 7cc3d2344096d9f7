from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.impute import EVALUATIONS, VALUES_AT_ONCE, impute

Array = NDArray[np.float64]


def search(score: Callable[[Array], Array], low: float = -4.0, high: float = 6.0) -> tuple[float, float]:
    """Impute the second of two features, the first of which is 1."""
    x, feature = np.array([[1.0, 99.0]]), np.array([1])
    found = impute(score, x, feature, np.array([low]), np.array([high]))
    return float(found.value[0]), float(found.score[0])


@given(st.floats(-4, 6), st.floats(1e-3, 1e6), st.floats(0, 1e3))
def test_the_minimum_of_a_parabola_is_found(at: float, curvature: float, least: float) -> None:
    value, score = search(lambda x: least + curvature * (x[:, 1] - at) ** 2)
    assert value == pytest.approx(at, abs=2e-4)
    assert score <= least + curvature * 1e-7


@given(st.floats(-4, 6))
def test_a_kink_is_found_as_well(at: float) -> None:
    assert search(lambda x: np.abs(x[:, 1] - at))[0] == pytest.approx(at, abs=0.05)


def test_other_features_stay_as_they_are() -> None:
    def score(x: Array) -> Array:
        assert (x[:, 0] == 1).all()
        return np.square(x[:, 1] - 2 * x[:, 0])

    assert search(score)[0] == pytest.approx(2)


def test_of_two_basins_the_deeper_is_taken() -> None:
    def score(x: Array) -> Array:
        return -np.logaddexp(-20 * (x[:, 1] + 2) ** 2, 0.5 - 20 * (x[:, 1] - 4) ** 2)

    assert search(score)[0] == pytest.approx(4, abs=1e-3)


def test_a_minimum_beyond_the_range_is_sought_within() -> None:
    value, score = search(lambda x: (x[:, 1] - 50) ** 2)
    assert (value, score) == (6, 44**2)


def test_a_score_that_is_not_finite_somewhere_counts_as_worst_there() -> None:
    value, _ = search(lambda x: np.where(x[:, 1] > 0, (x[:, 1] - 3) ** 2, np.nan))
    assert value == pytest.approx(3, abs=1e-3)


def test_a_score_that_is_finite_nowhere_is_infinite_wherever_it_is() -> None:
    value, score = search(lambda x: np.full(len(x), np.nan))
    assert -4 <= value <= 6
    assert score == np.inf


def test_scores_near_the_end_of_floating_point_do_no_harm() -> None:
    value, _ = search(lambda x: 1e305 * (x[:, 1] - 1) ** 2)
    assert value == pytest.approx(1, abs=1e-3)


def test_a_flat_score_gives_a_value_in_range() -> None:
    value, score = search(lambda x: np.ones(len(x)))
    assert -4 <= value <= 6
    assert score == 1


def test_each_search_has_its_own_sample_feature_and_range() -> None:
    x = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
    goal = np.array([10.0, 20.0, 30.0])
    found = impute(
        lambda rows: np.square(rows - goal).sum(axis=1),
        x,
        np.array([2, 0]),
        np.array([25.0, 9.0]),
        np.array([35.0, 9.5]),
    )
    np.testing.assert_allclose(found.value, [30, 9.5])
    np.testing.assert_allclose(found.score, [100 + 19**2, 0.25 + 16**2 + 25**2])


def test_wide_samples_are_scored_in_parts_of_bounded_size() -> None:
    asked = []

    def score(x: Array) -> Array:
        asked.append(x.size)
        return np.asarray(np.square(x).sum(axis=1))

    features = 50_000
    x = np.ones((3, features))
    found = impute(score, x, np.arange(3), np.full(3, -1.0), np.full(3, 1.0))
    assert max(asked) <= VALUES_AT_ONCE
    assert sum(asked) == 3 * EVALUATIONS * features
    np.testing.assert_allclose(found.value, 0, atol=1e-4)
