import numpy as np
import pytest

from model.put_right import MOST_PUT_RIGHT, SEARCHED, Imputer, put_right
from tests.model.quadratic import quadratic_scorer

# Eight readings of three causes: the score measures what no causes explain.
LOADINGS = np.linalg.qr(np.random.default_rng(0).normal(size=(8, 3)))[0]
RESIDUAL = np.eye(8) - LOADINGS @ LOADINGS.T


def imputer(directions: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Imputer:
    features = len(directions)
    return Imputer(quadratic_scorer(directions), np.full(features, -10.0), np.full(features, 10.0))


def test_two_faulty_sensors_are_both_put_right() -> None:
    true = LOADINGS @ np.array([1.0, -2.0, 0.5])
    faulty = true.copy()
    faulty[[1, 4]] += [7.0, -5.0]
    fixed = put_right(imputer(RESIDUAL), faulty, 0.01)
    assert sorted(fixed) == [1, 4]
    assert [fixed[1], fixed[4]] == pytest.approx(true[[1, 4]], abs=0.3)


def test_the_worst_comes_first() -> None:
    assert list(put_right(imputer(np.eye(3)), np.array([2.0, 9.0, 4.0]), 1e-3)) == [1, 2, 0]


def test_no_more_is_put_right_than_it_takes() -> None:
    assert list(put_right(imputer(np.eye(3)), np.array([2.0, 9.0, 4.0]), 5.0)) == [1, 2]


def test_a_reading_that_turns_out_to_be_right_is_given_back() -> None:
    """Feature 0 alone takes most of the score away; with 1 and 2 put right, nothing is left for it to do."""
    directions = np.array([[0.65, 0.65, 0.39], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    sample = np.array([0.0, 3.0, 3.0])
    first = imputer(directions).impute(sample, np.arange(3)).score
    assert first.argmin() == 0
    assert put_right(imputer(directions), sample, 0.5) == {
        1: pytest.approx(0, abs=1e-2),
        2: pytest.approx(0, abs=1e-2),
    }


def test_a_sample_below_the_threshold_needs_nothing() -> None:
    assert put_right(imputer(np.eye(2)), np.array([1.0, 1.0]), 2.0) == {}


def test_it_gives_up_after_a_few_readings() -> None:
    assert len(put_right(imputer(np.eye(9)), np.full(9, 5.0), 1.0)) == MOST_PUT_RIGHT


def test_it_gives_up_where_nothing_helps() -> None:
    out_of_reach = Imputer(quadratic_scorer(np.eye(2)), np.full(2, 50.0), np.full(2, 60.0))
    assert put_right(out_of_reach, np.array([5.0, 5.0]), 1.0) == {}


def test_a_single_feature_can_be_put_right() -> None:
    assert put_right(imputer(np.eye(1)), np.array([5.0]), 1.0) == {0: pytest.approx(0, abs=1e-3)}


def test_a_look_takes_in_those_that_contribute_most_and_no_more_than_stated() -> None:
    wide = imputer(np.eye(2 * SEARCHED))
    sample = np.arange(2.0 * SEARCHED)
    assert wide.suspects(sample).tolist() == list(range(2 * SEARCHED - 1, SEARCHED - 1, -1))
    assert wide.suspects(sample, without=[31, 29])[:2].tolist() == [30, 28]
