"""The clean rows that a sample is compared with: which are kept, how their parts are weighed, how far each one reaches.

N, M: training and validation rows. D: size of a place, see ``model.neighbourhood``.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from model.neighbourhood import NEIGHBOURS, Neighbourhood, compressed

# As many rows are kept as one sample may be compared with at this many multiplications.
MULTIPLICATIONS = 200_000
FEWEST_ROWS, MOST_ROWS = 2000, 8000
REFERENCE_ROWS = 4000  # distances are estimated on no more rows than this
# How thin clean rows lie around one of them is the distance within which it has this share of all. A wide look: what
# matters is the difference between regions, not between single rows.
PILOT_SHARE = 0.2
# Where rows repeat each other the distance can be nothing; no reach is less than that of this part of the median.
REACH_FLOOR = 0.1


def fit_neighbourhood(readings: list[Tensor], whitened: list[Tensor], seed: int) -> Neighbourhood:
    """Keep clean rows as a neighbourhood.

    ``readings`` [N, F], [M, F] are standardised; ``whitened`` [N, V], [M, V] are their whitened residuals, all float64.
    Both parts of a place are scaled so that a validation row is one away from its training neighbours in either, in the
    median: neither drowns the other, however many features there are.
    """
    rng = np.random.default_rng(seed)
    compact = [compressed(part).numpy() for part in readings]
    spread = np.maximum(np.vstack(compact).std(axis=0), np.finfo(np.float64).tiny)
    compact = [part / spread for part in compact]
    residuals = [part.numpy() for part in whitened]
    subset = _subset(rng, len(compact[0]), REFERENCE_ROWS)
    reading_unit = _usual_distance(compact[0][subset], compact[1])
    residual_unit = _usual_distance(residuals[0][subset], residuals[1])
    places = np.hstack([np.vstack(compact) / reading_unit, np.vstack(residuals) / residual_unit])
    most = min(max(MULTIPLICATIONS // places.shape[1], FEWEST_ROWS), MOST_ROWS)
    kept = places[_subset(rng, len(places), most)]
    return Neighbourhood(
        reading_scale=torch.from_numpy(1 / (spread * reading_unit)),
        residual_scale=torch.tensor(1 / residual_unit, dtype=torch.float64),
        places=torch.from_numpy(kept),
        reach=torch.from_numpy(_reach(kept, places[_subset(rng, len(places), REFERENCE_ROWS)])),
    )


def _subset(rng: np.random.Generator, count: int, most: int) -> NDArray[np.intp]:
    """Draw row numbers, ascending, without replacement: all of them where they are few enough."""
    return np.sort(rng.permutation(count)[:most])


def _usual_distance(train: NDArray[np.float64], validation: NDArray[np.float64]) -> float:
    """Return the median distance of validation rows to their k-th nearest training row, repeated rows left out."""
    distances = _distance_to(train, validation[:REFERENCE_ROWS], NEIGHBOURS)
    apart = distances[distances > 0]
    return float(np.median(apart)) if apart.size else 1.0


def _reach(places: NDArray[np.float64], reference: NDArray[np.float64]) -> NDArray[np.float64]:
    pilot = _distance_to(reference, places, max(NEIGHBOURS, round(PILOT_SHARE * len(reference))))
    apart = pilot[pilot > 0]
    floor = REACH_FLOOR * float(np.median(apart)) if apart.size else 1.0
    reach: NDArray[np.float64] = np.sqrt(pilot + floor)
    return reach


def _distance_to(rows: NDArray[np.float64], points: NDArray[np.float64], rank: int) -> NDArray[np.float64]:
    """Return the distance of each of ``points`` to its ``rank``-th nearest of ``rows``."""
    rank = min(rank, len(rows))
    search = NearestNeighbors(n_neighbors=rank, algorithm="brute").fit(rows)
    distances: NDArray[np.float64] = search.kneighbors(points)[0][:, rank - 1]
    return distances
