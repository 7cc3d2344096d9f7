"""What is expected by chance is held against laws whose tails are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.suspects.chance import expected_by_chance


@pytest.mark.parametrize("law", ["exponential", "pareto", "chi-squared"])
def test_as_many_rows_are_expected_as_there_are(law: str) -> None:
    rng = np.random.default_rng(0)
    drawn = {
        "exponential": rng.exponential(size=20_000),
        "pareto": rng.pareto(3.0, size=20_000),
        "chi-squared": rng.chisquare(4, size=20_000),
    }[law]
    expected = np.sort(expected_by_chance(drawn))
    for rank in (20, 200, 2000):
        assert rank / 2 < expected[rank - 1] < 3 * rank


@pytest.mark.parametrize("size", [20.0, 1e6])
def test_planted_rows_do_not_pass_for_chance_however_far_off_they_are(size: float) -> None:
    rng = np.random.default_rng(1)
    clean, planted = rng.exponential(size=9500), size * rng.uniform(1, 1.2, size=500)
    expected = expected_by_chance(np.concatenate([clean, planted]))
    assert (expected[9500:] < 10).all()
    assert np.median(expected[:9500]) > 1000


def test_a_higher_score_is_never_more_to_be_expected() -> None:
    score = np.random.default_rng(2).lognormal(size=500)
    in_order = expected_by_chance(np.sort(score))
    assert (np.diff(in_order) <= 1e-9).all()
    assert in_order[0] == 500


@pytest.mark.parametrize("score", [np.ones(50), np.repeat([0.0, 9.0], [49, 1]), np.arange(3.0)])
def test_scores_without_a_body_are_counted(score: NDArray[np.float64]) -> None:
    expected = expected_by_chance(score)
    assert np.isfinite(expected).all()
    assert (expected <= score.size).all()
