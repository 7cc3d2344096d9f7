"""What a reading should have been, given the others: the value that makes the score least, found through scores alone.

No gradient and nothing of the score's inside is asked for. P: searches (a sample and one of its features), F: features.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Score = Callable[[Array], Array]

COARSE_POINTS = 17
ROUNDS = 4
STEP = 1 / 32  # of the bracket: how near to the estimated minimum its two neighbours are tried
EVALUATIONS = COARSE_POINTS + 5 * ROUNDS  # samples scored in one search
VALUES_AT_ONCE = 1 << 20  # bounds the memory of what is scored together


@dataclass(frozen=True)
class Imputed:
    """For each search the ``value`` [P] found and the ``score`` [P] of the sample that has it."""

    value: Array
    score: Array


def impute(score: Score, x: Array, feature: NDArray[np.intp], low: Array, high: Array) -> Imputed:
    """Find in ``[low, high]`` [P] the value of ``feature`` [P] that makes the score of ``x`` [P, F] least.

    A coarse grid finds the basin, also where there are several. Rounds of parabolas through the three best points
    (Brent, Algorithms for Minimization without Derivatives, 1973) then close in; each round halves the bracket at least,
    so kinks and flat places cost digits and no more. A score that is not finite counts as infinite. ``score`` takes
    samples [B, F] and is asked ``EVALUATIONS`` times P of them.
    """
    at_once = max(1, VALUES_AT_ONCE // (COARSE_POINTS * x.shape[1]))
    blocks = [slice(start, start + at_once) for start in range(0, len(x), at_once)]
    parts = [_search(score, x[block], feature[block], low[block], high[block]) for block in blocks]
    return Imputed(np.concatenate([part.value for part in parts]), np.concatenate([part.score for part in parts]))


def _search(score: Score, x: Array, feature: NDArray[np.intp], low: Array, high: Array) -> Imputed:
    def scores_at(values: Array) -> Array:
        """Score each sample with each of its ``values`` [P, M] put in."""
        tried = np.repeat(x, values.shape[1], axis=0)
        tried[np.arange(len(tried)), np.repeat(feature, values.shape[1])] = values.ravel()
        found = score(tried).reshape(values.shape)
        return np.where(np.isfinite(found), found, np.inf)

    at = low[:, None] + np.linspace(0, 1, COARSE_POINTS) * (high - low)[:, None]
    scored = scores_at(at)
    for _ in range(ROUNDS):
        at, scored = _bracket(at, scored)
        left, middle, right = at.T
        centre, step = _vertex(at, scored), STEP * (right - left)
        more = np.stack([(left + middle) / 2, centre - step, centre, centre + step, (middle + right) / 2], axis=1)
        more = np.clip(more, left[:, None], right[:, None])
        at, scored = np.hstack([at, more]), np.hstack([scored, scores_at(more)])
        order = np.argsort(at, axis=1, kind="stable")
        at, scored = np.take_along_axis(at, order, axis=1), np.take_along_axis(scored, order, axis=1)
    best = scored.argmin(axis=1)[:, None]
    return Imputed(np.take_along_axis(at, best, axis=1)[:, 0], np.take_along_axis(scored, best, axis=1)[:, 0])


def _bracket(at: Array, scored: Array) -> tuple[Array, Array]:
    """Keep the best of the ascending points [P, M] between its neighbours, [P, 3]; at an end, the end itself again."""
    best = scored.argmin(axis=1)[:, None]
    value = np.take_along_axis(at, best, axis=1)
    before = np.where(at < value, at, -np.inf).argmax(axis=1)[:, None]
    after = at.shape[1] - 1 - np.where(at > value, at, np.inf)[:, ::-1].argmin(axis=1)[:, None]
    kept = np.hstack([before, best, after])
    return np.take_along_axis(at, kept, axis=1), np.take_along_axis(scored, kept, axis=1)


def _vertex(at: Array, scored: Array) -> Array:
    """Find where the parabola through three points [P, 3] is least; where it has no such place, the middle one."""
    left, middle, right = at.T
    before, after = middle - left, right - middle
    with np.errstate(all="ignore"):  # flat, at an end or infinite: then the shift is not finite
        falling, rising = (scored[:, 0] - scored[:, 1]) / before, (scored[:, 2] - scored[:, 1]) / after
        shift = (falling * after - rising * before) / (2 * (falling + rising))
    vertex: Array = np.where(np.isfinite(shift), middle + shift, middle)
    return vertex
