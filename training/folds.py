"""Folds for cross-fitting: every clean row is held out once, and nothing near a fold is learned from."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from training.config import SplitConfig
from training.split import MINIMUM_PART, Rows, Split, default_gap


@dataclass(frozen=True)
class Fold:
    """Row indices, ascending: ``held_out`` is scored by a detector of ``train`` and ``validation``."""

    train: Rows
    validation: Rows
    held_out: Rows


def plan_folds(
    count: int, groups: NDArray[np.str_] | None, config: SplitConfig, folds: int, seed: int
) -> tuple[Fold, ...]:
    """Share out ``count`` rows that stand in time order; each is held out in exactly one of the folds.

    By time: a fold is a stretch of rows, the rows that follow its gap validate (past the last row, the first ones), and
    after another gap the rest trains. By group: the same with whole groups, of which there may be fewer than ``folds``.
    By random: the same in an order drawn from ``seed``, without gaps.

    Raises:
        InputError: too few rows or groups.
    """
    if config.by == "group":
        plan = _by_group(_members(groups), config, folds)
    else:
        plan = _in_order(_order(count, config, seed), config, folds, default_gap(count, config))
    for fold in plan:
        for name, rows in (("training", fold.train), ("validation", fold.validation)):
            if rows.size < MINIMUM_PART:
                raise InputError(
                    f"cross-fitting in {len(plan)} folds leaves {rows.size} of {count} clean rows for {name}, at least "
                    f"{MINIMUM_PART} are needed; give more clean data, or other shares and a smaller gap"
                )
    return plan


def split_for_cross_fitting(count: int, groups: NDArray[np.str_] | None, config: SplitConfig, seed: int) -> Split:
    """Share out rows for the detector that is served where calibration scores come from folds: the last rows validate.

    ``calibration`` is every row: each is scored out of its fold, by a detector that has not learned from it.

    Raises:
        InputError: too few rows or groups.
    """
    if config.by == "group":
        last_first = list(reversed(_members(groups)))
        validating = _validating(range(len(last_first)), last_first, config.validation)
        train, validation = np.concatenate(last_first[validating:]), np.concatenate(last_first[:validating])
    else:
        order, gap = _order(count, config, seed), default_gap(count, config)
        validating = round(config.validation * max(count - gap, 0))
        train, validation = order[: max(count - gap - validating, 0)], order[count - validating :]
    gap = count - train.size - validation.size
    return Split(np.sort(train), np.sort(validation), np.arange(count), gap).checked(count)


def _order(count: int, config: SplitConfig, seed: int) -> Rows:
    return np.arange(count) if config.by == "time" else np.random.default_rng(seed).permutation(count)


def _members(groups: NDArray[np.str_] | None) -> list[Rows]:
    """Give the rows of each group, in order of first appearance."""
    if groups is None:
        raise InputError("folds by group need the column that names each row's group")
    names, first = np.unique(groups, return_index=True)
    if names.size < 3:
        raise InputError(f"folds by group need at least 3 groups, found {names.size}: {', '.join(names)}")
    return [np.flatnonzero(groups == name) for name in names[np.argsort(first)]]


def _in_order(order: Rows, config: SplitConfig, folds: int, gap: int) -> tuple[Fold, ...]:
    edges = np.linspace(0, order.size, folds + 1).astype(int).tolist()
    plan = []
    for start, end in itertools.pairwise(edges):
        rest = np.concatenate([order[end + gap :], order[: max(start - gap, 0)]])
        validation = round(config.validation * rest.size)
        plan.append(_fold(rest[validation + gap :], rest[:validation], order[start:end]))
    return tuple(plan)


def _by_group(members: Sequence[Rows], config: SplitConfig, folds: int) -> tuple[Fold, ...]:
    # Of three groups each must be a fold of its own, or none would be left to validate or to train.
    shares = np.array_split(np.arange(len(members)), min(folds if len(members) > 3 else 3, len(members)))
    plan = []
    for share in shares:
        held_out = share.tolist()
        rest = [*range(held_out[-1] + 1, len(members)), *range(held_out[0])]
        validating = _validating(rest, members, config.validation)
        plan.append(
            _fold(
                np.concatenate([members[group] for group in rest[validating:]]),
                np.concatenate([members[group] for group in rest[:validating]]),
                np.concatenate([members[group] for group in held_out]),
            )
        )
    return tuple(plan)


def _validating(rest: Sequence[int], members: Sequence[Rows], share: float) -> int:
    """Count the groups at the head of ``rest`` that come nearest to ``share`` of its rows; one trains at the least."""
    reached = np.cumsum([members[group].size for group in rest[:-1]]) / sum(members[group].size for group in rest)
    return int(np.abs(reached - share).argmin()) + 1


def _fold(train: Rows, validation: Rows, held_out: Rows) -> Fold:
    return Fold(np.sort(train), np.sort(validation), np.sort(held_out))
