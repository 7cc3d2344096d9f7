"""A series cut into windows to learn from, to validate and to calibrate on. K: rows, T: steps of a window."""

from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.series.segments import Rows
from model.series.windows import Windows, window_ends
from training.config import SplitConfig, TrainingConfig
from training.folds import split_for_cross_fitting
from training.split import MINIMUM_PART, default_gap, split_rows
from training.windows.length import propose_length
from training.windows.series_data import Series
from training.windows.within import windows_within

TRAIN, VALIDATION, CALIBRATION, GAP = range(4)
STRIDES_PER_LENGTH = 8  # windows that overlap by more than seven eighths teach next to nothing new
NOT_AT_RANDOM = "windows overlap, so a random split would put the same rows into every part; split by time or group"
ENOUGH = 5000  # windows to learn from; where an eighth of the length gives fewer, they overlap more


@dataclass(frozen=True)
class CutSeries:
    """Windows of each part; calibration has one for every step, as it is served, and ``groups`` names its segments.

    In cross-fitting every window is for calibration, besides what else it is for, and there are no ``groups``.
    """

    train: Windows
    validation: Windows
    calibration: Windows
    groups: NDArray[np.str_] | None
    length: int
    stride: int
    why: str
    gap: int

    def counts(self) -> dict[str, int]:
        return {
            "train": len(self.train),
            "validation": len(self.validation),
            "calibration": len(self.calibration),
            "gap": self.gap,
        }

    def has_enough(self) -> bool:
        """Tell whether every part has enough windows."""
        return min(len(self.train), len(self.validation), len(self.calibration)) >= MINIMUM_PART

    def checked(self, advice: str) -> Self:
        """Return this, or refuse parts that are too small, with ``advice``."""
        for name, size in self.counts().items():
            if name != "gap" and size < MINIMUM_PART:
                raise InputError(
                    f"the {name} part gets {size} windows of {self.length} steps, {self.stride} apart, at least {MINIMUM_PART} "
                    f"are needed; give a longer series, one with fewer gaps, shorter windows (window.length), {advice}"
                )
        return self


def cut_series(series: Series, config: TrainingConfig) -> CutSeries:
    """Cut clean ``series`` into windows; those of different parts share no row and lie at least T rows apart.

    Whether there are enough of each, ``checked`` tells.

    By time: of each group's rows the first go to training, the last to calibration. By group: whole groups.

    Raises:
        InputError: too few windows in a part, or a split that keeps no time.
    """
    if config.split.by == "random":
        raise InputError(NOT_AT_RANDOM)
    length, why = _length(series, config)
    part = part_of_rows(series.group, len(series.values), config.split, length)
    every = window_ends(series.segments, length)
    # Parts are stretches of a group's rows in time order, so a window whose ends lie in one part lies in it whole.
    inside = every[part[every] == part[every - length + 1]]
    ends = {which: inside[part[inside] == which] for which in (TRAIN, VALIDATION, CALIBRATION)}
    stride = config.window.stride or _stride(ends[TRAIN].size, length)
    windows = partial(Windows, series.values, length=length)
    return CutSeries(
        train=windows(ends=ends[TRAIN][::stride]),
        validation=windows(ends=ends[VALIDATION][::stride]),
        calibration=windows(ends=ends[CALIBRATION]),
        groups=series.segments.of_position()[ends[CALIBRATION]].astype(np.str_),
        length=length,
        stride=stride,
        why=why,
        gap=int((part == GAP).sum()),
    )


def cut_for_cross_fitting(series: Series, config: TrainingConfig) -> CutSeries:
    """Cut clean ``series`` into windows for the detector that is served where calibration scores come from folds.

    Raises:
        InputError: too few rows or groups, or a split that keeps no time.
    """
    if config.split.by == "random":
        raise InputError(NOT_AT_RANDOM)
    length, why = _length(series, config)
    every = Windows(series.values, window_ends(series.segments, length), length)
    split = split_for_cross_fitting(len(series.values), series.group, config.split, config.seed)
    train, validation = (windows_within(every, rows) for rows in (split.train, split.validation))
    stride = config.window.stride or _stride(len(train), length)
    train, validation = (Windows(part.values, part.ends[::stride], length) for part in (train, validation))
    found = CutSeries(train, validation, every, None, length, stride, why, split.gap)
    return found.checked("or other shares")


def _length(series: Series, config: TrainingConfig) -> tuple[int, str]:
    if config.window.length is not None:
        return config.window.length, "as asked for"
    return propose_length(series.values, series.segments)


def part_of_rows(group: NDArray[np.str_] | None, count: int, config: SplitConfig, length: int) -> NDArray[np.int8]:
    """Say which part each of ``count`` rows belongs to, [K]; between two parts of a group at least ``length`` rows are GAP."""
    part = np.full(count, GAP, dtype=np.int8)
    if config.by == "group":
        split = split_rows(count, group, config, seed=0)
        for which, rows in enumerate((split.train, split.validation, split.calibration)):
            part[rows] = which
        return part
    stretches = [np.arange(count)] if group is None else _stretches(group)
    for rows in stretches:
        gap = max(default_gap(rows.size, config), length)
        usable = rows.size - 2 * gap
        validation, calibration = round(usable * config.validation), round(usable * config.calibration)
        if min(validation, calibration) < length:  # too short to be shared out
            part[rows] = TRAIN
            continue
        train = usable - validation - calibration
        part[rows[:train]] = TRAIN
        part[rows[train + gap : train + gap + validation]] = VALIDATION
        part[rows[train + validation + 2 * gap :]] = CALIBRATION
    return part


def _stretches(group: NDArray[np.str_]) -> list[Rows]:
    return np.split(np.arange(group.size), np.flatnonzero(group[1:] != group[:-1]) + 1)


def _stride(windows: int, length: int) -> int:
    return max(1, min(length // STRIDES_PER_LENGTH, windows // ENOUGH))
