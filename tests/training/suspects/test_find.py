"""Planted rows are found by one eye or the other, and what chance brings is not called a suspect."""

import numpy as np
from numpy.typing import NDArray

from training.config import SplitConfig
from training.cross_fit import OutOfFold
from training.folds import plan_folds
from training.suspects.find import find_suspects
from training.suspects.suspect import Suspects

COUNT = 1000


def found(values: NDArray[np.float64], odd: int | None = None) -> Suspects:
    """Find suspects where reconstructions are off by clean noise, but in row ``odd`` by far, in its second reading."""
    off = np.random.default_rng(1).normal(size=values.shape)
    if odd is not None:
        off[odd, 1] = 50.0
    plan = plan_folds(len(values), None, SplitConfig(by="random"), 2, seed=0)
    fold = np.zeros(len(values), dtype=np.intp)
    fold[plan[1].held_out] = 1
    seen = OutOfFold((off**2).sum(axis=1), off**2, values - off, fold)
    return find_suspects(values, plan, seen, seed=0)


def clean() -> NDArray[np.float64]:
    return np.random.default_rng(0).normal(size=(COUNT, 3))


def test_a_row_whose_reconstruction_is_off_comes_first_with_its_reading_and_what_was_expected() -> None:
    suspects = found(clean(), odd=7)
    first = suspects.listed[0]
    assert (first.row, first.eye, first.causes) == (7, "reconstruction", (1,))
    assert first.expected[1] == clean()[7, 1] - 50
    assert first.by_chance < 0.01
    assert suspects.beyond_chance >= 1


def test_a_row_far_from_all_others_is_found_where_its_reconstruction_is_not_off() -> None:
    values = clean()
    values[11, 2] = 40
    first = found(values).listed[0]
    assert (first.row, first.eye, first.causes) == (11, "neighbours", (2,))
    assert abs(first.expected[2]) < 2


def test_a_clump_of_odd_rows_does_not_vouch_for_itself() -> None:
    values = clean()
    values[:20] = [25.0, 25.0, 25.0] + 0.01 * clean()[:20]
    suspects = found(values)
    assert {suspect.row for suspect in suspects.listed[:20]} == set(range(20))
    assert suspects.beyond_chance >= 20


def test_clean_rows_do_not_stand_out_but_the_strangest_are_listed() -> None:
    suspects = found(clean())
    assert suspects.beyond_chance <= 2
    assert len(suspects.listed) == 20  # 2 % of them
    assert suspects.looked_at == COUNT
    chances = [suspect.by_chance for suspect in suspects.listed]
    assert chances == sorted(chances)


def test_at_most_every_seventh_row_is_listed() -> None:
    values = clean()
    values[:300] *= np.random.default_rng(5).uniform(5, 500, size=(300, 1))
    assert len(found(values).listed) <= 150


def test_a_reading_that_stands_still_in_the_rows_compared_with_is_no_division_by_zero() -> None:
    values = clean()
    values[:, 0] = 3
    values[5, 0] = 4
    assert found(values).listed[0].row == 5
