"""Whether clean scores keep their level in time: a promise from past samples holds for future ones only if they do."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from training.dependence import effective_count

BLOCK = 4  # blocks span this many times the rows that are worth one independent sample
MOST_BLOCKS = 100
FEWEST_BLOCKS = 8  # fewer have too few orders to tell an unusual one
STRETCHES = 8  # the level of each is taken out before dependence is measured: a drift must not hide itself
PERMUTATIONS = 1999
SIGNIFICANT = 0.01


@dataclass(frozen=True)
class Drift:
    """``p_value``: how often exchangeable blocks of scores wander as far; None where there are too few to tell.

    ``early`` and ``late`` are the medians of the first and the second half.
    """

    p_value: float | None
    early: float
    late: float

    @property
    def is_significant(self) -> bool:
        return self.p_value is not None and self.p_value <= SIGNIFICANT


def find_drift(scores: NDArray[np.float64]) -> Drift:
    """Test whether ``scores`` [n], in time order, are exchangeable in time.

    A permutation test (Fisher 1935) of the largest cumulative sum of centred block means of ranks (CUSUM, Page 1954).
    Blocks are long enough that neighbours in time do not make them depend on each other.
    """
    early, late = (float(np.median(half)) for half in np.array_split(scores, 2))
    if scores.size < BLOCK * FEWEST_BLOCKS:
        return Drift(None, early, late)
    ranks = stats.rankdata(scores)
    level = np.concatenate([part - part.mean() for part in np.array_split(ranks, STRETCHES)])
    count = min(effective_count(level) // BLOCK, MOST_BLOCKS)
    if count < FEWEST_BLOCKS:
        return Drift(None, early, late)
    means = np.array([block.mean() for block in np.array_split(ranks, count)])
    orders = np.vstack([means, np.random.default_rng(0).permuted(np.tile(means, (PERMUTATIONS, 1)), axis=1)])
    wandering = np.abs(np.cumsum(orders - means.mean(), axis=1)).max(axis=1)
    return Drift(float((wandering >= wandering[0] * (1 - 1e-12)).mean()), early, late)
