"""Which clean rows look least clean, to two eyes that have not learned from them."""

import numpy as np
from numpy.typing import NDArray

from training.cross_fit import OutOfFold
from training.folds import Fold
from training.suspects.chance import expected_by_chance
from training.suspects.neighbours import Neighbourhood
from training.suspects.suspect import CAUSES, Eye, Suspect, Suspects

CHANCE_SHARE = 0.5  # a list of which more than this share is expected by chance is no list of suspects
LEAST, LEAST_SHARE, MOST_SHARE = 10, 0.02, 0.15
MINOR = 0.2  # a feature with less of the first one's part gives nothing away


def find_suspects(values: NDArray[np.float64], plan: tuple[Fold, ...], seen: OutOfFold, seed: int) -> Suspects:
    """List the strangest of ``values`` [N, F], as many as are at least half not explained by chance.

    A row is as strange as the less forgiving eye finds it, and has two chances to look so (Bonferroni). The length of the
    list is that of Benjamini and Hochberg (1995) for a false discovery rate of one half. At least ten rows and 2 % of all are
    listed, whatever they look like, and at most 15 %, beyond which the fitted tails know nothing.
    """
    near = [Neighbourhood.of(values, fold, seed) for fold in plan]
    distance = np.empty(len(values))
    for fold, neighbourhood in zip(plan, near, strict=True):
        distance[fold.held_out] = neighbourhood.distance(values[fold.held_out])
    chances = np.array([expected_by_chance(seen.score), expected_by_chance(distance)])
    by_chance = np.minimum(2 * chances.min(axis=0), len(values))
    strangest = np.lexsort((-seen.score, by_chance))
    least = max(int(LEAST_SHARE * strangest.size), LEAST)
    most = max(int(MOST_SHARE * strangest.size), least)
    fulfilled = by_chance[strangest[:most]] <= CHANCE_SHARE * np.arange(1, strangest[:most].size + 1)
    beyond = int(np.flatnonzero(fulfilled)[-1]) + 1 if fulfilled.any() else 0
    listed = []
    for row in strangest[: max(beyond, least)].tolist():
        if chances[0, row] <= chances[1, row]:
            eye: Eye = "reconstruction"
            expected, part = seen.expected[row], seen.contribution[row]
        else:
            eye, neighbourhood = "neighbours", near[seen.fold[row]]
            expected = neighbourhood.usual(values[row : row + 1])[0]
            part = np.abs(values[row] - expected) / neighbourhood.scale
        listed.append(Suspect(row, eye, float(by_chance[row]), _causes(part), expected))
    return Suspects(tuple(listed), beyond, strangest.size)


def _causes(part: NDArray[np.float64]) -> tuple[int, ...]:
    largest = np.argsort(-part, kind="stable")[:CAUSES]
    return tuple(int(index) for index in largest if part[index] >= MINOR * part[largest[0]])
