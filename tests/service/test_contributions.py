import numpy as np

from model.raw_scorer import shares
from service.contributions import contributions
from service.registry.models import ServedModel


def test_shares_are_parts_of_the_sum() -> None:
    assert shares(np.array([[1.0, 3.0], [2.0, 0.0]])).tolist() == [[0.25, 0.75], [1.0, 0.0]]


def test_shares_of_nothing_are_zero() -> None:
    assert shares(np.zeros((1, 3))).tolist() == [[0.0, 0.0, 0.0]]


def test_shares_survive_contributions_whose_sum_is_beyond_floating_point() -> None:
    assert shares(np.full((1, 4), 1.5e308)).tolist() == [[0.25] * 4]


def test_shares_survive_the_smallest_contributions() -> None:
    assert shares(np.full((1, 2), 5e-324)).tolist() == [[0.5, 0.5]]


def test_no_samples_have_no_contributions(pump: ServedModel) -> None:
    assert contributions(np.empty((0, 4)), pump) == []
