"""How far a clean row lies from the rows it is most like, among those of other folds.

The second eye, for what the first one learns to accept: a clump of odd rows that a network has come to reconstruct still
lies far from all others.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.neighbors import NearestNeighbors

from training.folds import Fold

NEAREST_SHARE = 0.05  # a clump must hold so many of all rows before they vouch for each other
FEWEST_ROWS, MOST_ROWS = 200, 2000
MOST_DIFFERENCES = 2e9  # between rows, in all features: a few seconds
LEAST_SCALE = 0.2  # of the standard deviation, where most rows hardly differ


@dataclass(frozen=True)
class Neighbourhood:
    """``rows`` [M, F] that a fold's rows are held against, in units of ``scale`` [F]."""

    rows: NDArray[np.float64]
    scale: NDArray[np.float64]

    @classmethod
    def of(cls, values: NDArray[np.float64], fold: Fold, seed: int) -> "Neighbourhood":
        """Draw rows from those that ``fold`` learns from."""
        learned = np.concatenate([fold.train, fold.validation])
        most = int(np.clip(MOST_DIFFERENCES / values.size, FEWEST_ROWS, MOST_ROWS))
        rows = values[np.random.default_rng(seed).permutation(learned)[:most]]
        # Robust: the odd rows among them must not stretch the scale that makes them odd.
        scale = np.maximum(stats.median_abs_deviation(rows, scale="normal"), LEAST_SCALE * rows.std(axis=0))
        everywhere = values.std(axis=0)
        return cls(rows, np.where(scale > 0, scale, np.where(everywhere > 0, everywhere, 1.0)))

    def distance(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far the nearest twentieth of the rows reach from ``x`` [B, F]: [B], absolute differences summed."""
        distance: NDArray[np.float64] = self._nearest(x)[0][:, -1]
        return distance

    def usual(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the median [B, F] of the nearest twentieth."""
        return np.array([np.median(self.rows[near], axis=0) for near in self._nearest(x)[1]]).reshape(x.shape)

    def _nearest(self, x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        count = max(round(NEAREST_SHARE * len(self.rows)), 1)
        search = NearestNeighbors(n_neighbors=count, metric="manhattan", algorithm="brute").fit(self.rows / self.scale)
        distance, row = search.kneighbors(x / self.scale)
        return distance, row
