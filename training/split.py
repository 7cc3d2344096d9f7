"""Sharing out clean rows: train, validation, calibration, with gaps so that neighbours in time do not vouch for each other."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from training.config import SplitConfig

MINIMUM_PART = 20

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Split:
    """Row indices of each part, ascending; ``gap`` counts the rows that were left out between parts.

    In cross-fitting (``training/folds.py``) every row is for calibration, besides what else it is for.
    """

    train: Rows
    validation: Rows
    calibration: Rows
    gap: int

    def counts(self) -> dict[str, int]:
        return {
            "train": self.train.size,
            "validation": self.validation.size,
            "calibration": self.calibration.size,
            "gap": self.gap,
        }

    def checked(self, count: int) -> Self:
        """Return the split of ``count`` rows, or refuse parts that are too small."""
        for name, size in self.counts().items():
            if name != "gap" and size < MINIMUM_PART:
                raise InputError(
                    f"the {name} part gets {size} of {count} clean rows, at least {MINIMUM_PART} are needed; "
                    "give more clean data, or other shares and a smaller gap"
                )
        return self


def split_rows(count: int, groups: NDArray[np.str_] | None, config: SplitConfig, seed: int) -> Split:
    """Share out ``count`` rows that stand in time order.

    By time: the first go to training, the last to calibration, ``gap`` rows between. By group: whole groups, in order
    of first appearance. By random: every row for itself, which is honest only where rows are independent.

    Raises:
        InputError: too few rows or groups.
    """
    if config.by == "group":
        if groups is None:
            raise InputError("a split by group needs the column that names each row's group")
        split = _by_group(groups, config)
    elif config.by == "random":
        order = np.random.default_rng(seed).permutation(count)
        split = _cut(order, config, default_gap(count, config))
    else:
        gap = default_gap(count, config)
        split = _cut(np.arange(count), config, gap)
    return split.checked(count)


def default_gap(count: int, config: SplitConfig) -> int:
    """Give the rows to leave out between parts: as configured, else 1 % of ``count`` where rows stand in time order."""
    if config.gap is not None:
        return config.gap
    return count // 100 if config.by == "time" else 0


def _cut(order: Rows, config: SplitConfig, gap: int) -> Split:
    usable = max(order.size - 2 * gap, 0)
    validation, calibration = round(usable * config.validation), round(usable * config.calibration)
    train = usable - validation - calibration
    starts = (train + gap, train + validation + 2 * gap)
    return Split(
        np.sort(order[:train]),
        np.sort(order[starts[0] : starts[0] + validation]),
        np.sort(order[starts[1] : starts[1] + calibration]),
        gap=order.size - usable,
    )


def _by_group(groups: NDArray[np.str_], config: SplitConfig) -> Split:
    names, first, sizes = np.unique(groups, return_index=True, return_counts=True)
    if names.size < 3:
        raise InputError(f"a split by group needs at least 3 groups, found {names.size}: {', '.join(names)}")
    in_order = np.argsort(first)
    # A group goes where its middle row falls; the first group always trains, the last always calibrates.
    middles = (np.cumsum(sizes[in_order]) - sizes[in_order] / 2) / groups.size
    edges = np.array([1 - config.validation - config.calibration, 1 - config.calibration])
    part = np.searchsorted(edges, middles, side="right")
    part[0], part[-1] = 0, 2
    if not (part == 1).any():
        part[max(1, int(np.searchsorted(part, 2)) - 1)] = 1
    member = np.empty(names.size, dtype=np.intp)
    member[in_order] = part
    of_row = member[np.searchsorted(names, groups)]
    train, validation, calibration = (np.flatnonzero(of_row == index) for index in range(3))
    return Split(train, validation, calibration, gap=0)
