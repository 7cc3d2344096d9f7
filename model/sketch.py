"""A sketch of the clean data: real clean rows, few enough to keep, to hold a sample against. S: rows, F: features."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FARTHEST = 1e150  # spreads; what lies beyond counts as this far, for squares must stay finite


@dataclass(frozen=True)
class Neighbour:
    """A clean sample [F] near another one: where it comes from, and how far away it lies."""

    place: str
    distance: float
    sample: NDArray[np.float64]


@dataclass(frozen=True)
class Sketch:
    """Clean ``rows`` [S, F] in engineering units, where each comes from, and each feature's clean spread ``scale`` [F]."""

    rows: NDArray[np.float64]
    places: tuple[str, ...]
    scale: NDArray[np.float64]

    def nearest(self, sample: NDArray[np.float64], count: int, without: list[int]) -> list[Neighbour]:
        """Find the ``count`` rows nearest to ``sample`` [F], nearest first, by all features but ``without``.

        A distance is the root mean square, over features, of the difference in spreads. Values of ``sample`` that are
        absent (NaN) do not count; where no other feature would be left, those of ``without`` do.
        """
        there = ~np.isnan(sample)
        counted = there.copy()
        counted[without] = False
        counted = counted if counted.any() else there
        with np.errstate(over="ignore"):
            apart = np.abs(self.rows[:, counted] - sample[counted]) / self.scale[counted]
        distance = np.sqrt(np.square(np.minimum(apart, FARTHEST)).mean(axis=1))
        order = np.argsort(distance, kind="stable")[:count]
        return [Neighbour(self.places[row], float(distance[row]), self.rows[row]) for row in order.tolist()]
