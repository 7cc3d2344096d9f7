import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import InputError
from training.config import SplitConfig
from training.folds import plan_folds


@given(st.integers(400, 3000), st.integers(2, 10), st.integers(0, 12), st.sampled_from(["time", "random"]))
@settings(deadline=None, max_examples=50)
def test_every_row_is_held_out_once_and_never_learned_from_in_its_fold(
    count: int, folds: int, gap: int, by: str
) -> None:
    plan = plan_folds(count, None, SplitConfig.model_validate({"by": by, "gap": gap}), folds, seed=3)
    assert len(plan) == folds
    assert sorted(np.concatenate([fold.held_out for fold in plan]).tolist()) == list(range(count))
    for fold in plan:
        parts = np.concatenate([fold.train, fold.validation, fold.held_out])
        assert np.unique(parts).size == parts.size


@given(st.integers(400, 3000), st.integers(2, 10), st.integers(0, 12))
@settings(deadline=None, max_examples=50)
def test_by_time_a_fold_is_a_stretch_and_a_gap_keeps_its_neighbours_and_those_of_validation_away(
    count: int, folds: int, gap: int
) -> None:
    for fold in plan_folds(count, None, SplitConfig(gap=gap), folds, seed=0):
        assert (np.diff(fold.held_out) == 1).all()
        for rows, others in (
            (fold.held_out, fold.train),
            (fold.held_out, fold.validation),
            (fold.validation, fold.train),
        ):
            assert np.abs(rows[:, None] - others[None, :]).min() > gap
        assert count - fold.train.size - fold.validation.size - fold.held_out.size <= 3 * gap


def test_nearly_all_rows_outside_a_fold_are_learned_from() -> None:
    plan = plan_folds(1000, None, SplitConfig(), 5, seed=0)
    assert [fold.held_out.size for fold in plan] == [200] * 5
    assert [fold.validation.size for fold in plan] == [118, 117, 117, 117, 118]
    assert [fold.train.size for fold in plan] == [662, 653, 653, 653, 662]


@given(st.lists(st.integers(25, 300), min_size=3, max_size=12), st.integers(2, 6))
def test_by_group_no_group_is_divided(sizes: list[int], folds: int) -> None:
    groups = np.random.default_rng(0).permutation(np.repeat([f"run {index}" for index in range(len(sizes))], sizes))
    plan = plan_folds(groups.size, groups, SplitConfig(by="group"), folds, seed=0)
    assert len(plan) == (3 if len(sizes) == 3 else min(folds, len(sizes)))
    assert sorted(np.concatenate([fold.held_out for fold in plan]).tolist()) == list(range(groups.size))
    for fold in plan:
        members = [set(groups[rows]) for rows in (fold.train, fold.validation, fold.held_out)]
        assert all(members)
        assert sum(len(names) for names in members) == len(sizes)


def test_too_few_rows_are_refused_with_what_is_left_for_which_purpose() -> None:
    with pytest.raises(InputError, match="leaves 12 of 100 clean rows for validation, at least 20 are needed"):
        plan_folds(100, None, SplitConfig(), 5, seed=0)


def test_folds_by_group_need_three_groups() -> None:
    with pytest.raises(InputError, match="at least 3 groups, found 2: a, b"):
        plan_folds(100, np.repeat(["a", "b"], 50), SplitConfig(by="group"), 5, seed=0)
    with pytest.raises(InputError, match="need the column"):
        plan_folds(100, None, SplitConfig(by="group"), 5, seed=0)
