"""Which few readings, put right, take a sample's alarm away. K: features looked at, F: features."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.impute import Imputed, impute
from model.raw_scorer import RawScorer

Array = NDArray[np.float64]
Columns = NDArray[np.intp]

SEARCHED = 16  # features that are imputed in one look: those that contribute most
MOST_PUT_RIGHT = 5
SWEEPS = 5  # how often readings put right together are looked at again, at most
LEAST_FALL = 0.01  # of the score, for which it is worth another sweep


@dataclass(frozen=True)
class Imputer:
    """What readings should have been by the scores of ``raw``, each sought in its range ``low`` to ``high`` [F]."""

    raw: RawScorer
    low: Array
    high: Array

    def score(self, sample: Array) -> float:
        return float(self.raw.scores(sample[None])[0])

    def suspects(self, sample: Array, without: Sequence[int] = ()) -> Columns:
        """Name the features [K] of ``sample`` [F] that are there and contribute most to its score, at most ``SEARCHED``."""
        order = np.argsort(-self.raw.explain(sample[None]).contribution[0], kind="stable")
        return order[~np.isin(order, without) & ~np.isnan(sample[order])][:SEARCHED]

    def impute(self, sample: Array, features: Columns) -> Imputed:
        """Impute each of ``features`` [K] of ``sample`` [F], all else as it is."""
        samples = np.repeat(sample[None], features.size, axis=0)
        return impute(self.raw.scores, samples, features, self.low[features], self.high[features])


def put_right(imputer: Imputer, sample: Array, threshold: float) -> dict[int, float]:
    """Find few features of ``sample`` [F] and values for them with which it scores at most ``threshold``.

    One after the other, each time the one whose correction lets the score fall furthest; all that were put right are
    then looked at again, and in the end those are given back that it takes no longer. Gives up, with what was found
    until then, after ``MOST_PUT_RIGHT`` features or where none helps. The way is greedy: a smaller set may exist.
    """
    fixed, chosen, score = sample.copy(), list[int](), imputer.score(sample)
    while score > threshold and len(chosen) < min(MOST_PUT_RIGHT, sample.size):
        suspects = imputer.suspects(fixed, without=chosen)
        imputed = imputer.impute(fixed, suspects)
        best = int(imputed.score.argmin())
        if not imputed.score[best] < score:
            break
        chosen.append(int(suspects[best]))
        fixed[suspects[best]] = imputed.value[best]
        fixed, score = _settled(imputer, fixed, chosen, threshold)
    if score <= threshold:
        for feature in chosen[:-1]:
            fewer = [other for other in chosen if other != feature]
            tried = fixed.copy()
            tried[feature] = sample[feature]
            tried, score = _settled(imputer, tried, fewer, threshold)
            if score <= threshold:
                fixed, chosen = tried, fewer
    return {feature: float(fixed[feature]) for feature in chosen}


def _settled(imputer: Imputer, sample: Array, features: Sequence[int], threshold: float) -> tuple[Array, float]:
    """Impute ``features`` again in turn, each given the others, until the score suffices or hardly falls any more."""
    settled, score = sample.copy(), imputer.score(sample)
    for _ in range(SWEEPS):
        before = score
        for feature in features:
            imputed = imputer.impute(settled, np.array([feature]))
            settled[feature], score = imputed.value[0], float(imputed.score[0])
        if score <= threshold or score > (1 - LEAST_FALL) * before:
            break
    return settled, score
