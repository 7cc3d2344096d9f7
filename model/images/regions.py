"""Where a heat map stands out: connected regions above a line, each with its box, its area and its peak."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# A pixel's neighbours to the right and below; the others see it as theirs. Diagonals count: scratches run along them.
_STEPS = ((0, 1), (1, -1), (1, 0), (1, 1))


@dataclass(frozen=True)
class Region:
    """Pixels that hang together. ``x``, ``y`` are the column and row of the box's top left; ``area`` counts its pixels."""

    x: int
    y: int
    width: int
    height: int
    area: int
    peak: float


def regions(heat: NDArray[np.float64], threshold: float) -> list[Region]:
    """Find the regions of ``heat`` [H, W] above ``threshold``, strictly; the one with the highest peak comes first."""
    above = heat > threshold
    rows, columns = np.nonzero(above)
    if not rows.size:
        return []
    label = _labels(above)
    count = int(label.max()) + 1
    values = heat[above]
    top, left = np.full(count, heat.shape[0]), np.full(count, heat.shape[1])
    bottom, right = np.zeros(count, dtype=np.intp), np.zeros(count, dtype=np.intp)
    peak = np.full(count, -np.inf)
    np.minimum.at(top, label, rows)
    np.minimum.at(left, label, columns)
    np.maximum.at(bottom, label, rows)
    np.maximum.at(right, label, columns)
    np.maximum.at(peak, label, values)
    area = np.bincount(label, minlength=count)
    return [
        Region(
            x=int(left[number]),
            y=int(top[number]),
            width=int(right[number] - left[number] + 1),
            height=int(bottom[number] - top[number] + 1),
            area=int(area[number]),
            peak=float(peak[number]),
        )
        for number in np.argsort(-peak, kind="stable").tolist()
    ]


def _labels(above: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Number the regions of the pixels that are ``above``: 0, 1, ... for each of them, in reading order.

    Each pixel points to one of its region, at first to itself. Ends of neighbours' chains are tied, the later to the
    earlier, and chains are shortened, until neighbours point to the same (Shiloach and Vishkin, 1982).
    """
    number = np.full(above.shape, -1, dtype=np.intp)
    number[above] = np.arange(above.sum())
    first, second = (np.concatenate(ends) for ends in zip(*(_neighbours(number, step) for step in _STEPS), strict=True))
    root = np.arange(above.sum())
    while True:
        ends = root[first], root[second]
        apart = ends[0] != ends[1]
        if not apart.any():
            return np.unique(root, return_inverse=True)[1]
        first, second, ends = first[apart], second[apart], (ends[0][apart], ends[1][apart])
        np.minimum.at(root, np.maximum(*ends), np.minimum(*ends))
        while (root != root[root]).any():
            root = root[root]


def _neighbours(number: NDArray[np.intp], step: tuple[int, int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pair the numbers of pixels that both have one and lie ``step`` apart."""
    down, across = step
    height, width = number.shape
    here = number[: height - down, max(0, -across) : width - max(0, across)]
    there = number[down:, max(0, across) : width + min(0, across)]
    both = (here >= 0) & (there >= 0)
    return here[both], there[both]
