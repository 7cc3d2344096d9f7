import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import InputError
from training.config import SplitConfig
from training.split import Split, split_rows


def parts(split: Split) -> list[list[int]]:
    return [split.train.tolist(), split.validation.tolist(), split.calibration.tolist()]


@given(st.integers(200, 5000), st.integers(0, 30))
def test_by_time_the_parts_stand_in_order_with_a_gap_between_them(count: int, gap: int) -> None:
    split = split_rows(count, None, SplitConfig(gap=gap), seed=0)
    train, validation, calibration = parts(split)
    assert validation[0] - train[-1] == gap + 1
    assert calibration[0] - validation[-1] == gap + 1
    assert calibration[-1] == count - 1
    assert sum(split.counts().values()) == count


def test_by_default_one_percent_of_the_rows_is_left_out_twice() -> None:
    assert split_rows(1000, None, SplitConfig(), seed=0).counts() == {
        "train": 588,
        "validation": 147,
        "calibration": 245,
        "gap": 20,
    }


def test_a_random_split_covers_every_row_once_and_repeats_with_its_seed() -> None:
    config = SplitConfig(by="random")
    first, again, other = (parts(split_rows(500, None, config, seed)) for seed in (0, 0, 1))
    assert sorted(row for part in first for row in part) == list(range(500))
    assert first == again
    assert first != other


@given(st.lists(st.integers(25, 400), min_size=3, max_size=12))
def test_by_group_no_group_is_divided(sizes: list[int]) -> None:
    groups = np.repeat([f"run {index}" for index in range(len(sizes))], sizes)
    split = split_rows(groups.size, groups, SplitConfig(by="group"), seed=0)
    members = [set(groups[rows]) for rows in (split.train, split.validation, split.calibration)]
    assert all(members)
    assert sum(len(group) for group in members) == len(sizes)
    assert sum(split.counts().values()) == groups.size


def test_groups_may_be_interleaved() -> None:
    groups = np.tile(["a", "b", "c", "d"], 100)
    split = split_rows(400, groups, SplitConfig(by="group"), seed=0)
    members = [set(groups[rows]) for rows in (split.train, split.validation, split.calibration)]
    assert sorted(name for part in members for name in part) == ["a", "b", "c", "d"]


def test_a_split_by_group_needs_groups() -> None:
    with pytest.raises(InputError, match="needs the column that names each row's group"):
        split_rows(400, None, SplitConfig(by="group"), seed=0)


def test_fewer_than_three_groups_cannot_be_split() -> None:
    with pytest.raises(InputError, match="at least 3 groups, found 2: a, b"):
        split_rows(100, np.repeat(["a", "b"], 50), SplitConfig(by="group"), seed=0)


def test_too_few_rows_are_refused_with_the_part_that_lacks_them() -> None:
    with pytest.raises(InputError, match="the validation part gets 9 of 60 clean rows, at least 20 are needed"):
        split_rows(60, None, SplitConfig(), seed=0)


def test_a_gap_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="gets 0 of 300 clean rows"):
        split_rows(300, None, SplitConfig(gap=200), seed=0)
