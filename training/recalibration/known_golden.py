"""Golden samples for a new threshold where no rows are at hand: from those the bundle holds, and on the way between them."""

import numpy as np
from numpy.typing import NDArray

from model.features import FeatureSpec
from model.golden import Golden
from model.raw_scorer import RawScorer
from model.threshold import Threshold
from model.validity import invalid_samples
from training.golden import record_answers

Array = NDArray[np.float64]

KEPT, INVALID_KEPT = 48, 4
PAIRS = 8  # samples on either side of a threshold
BESIDE = 0.005  # of the threshold: near enough to hold it in place, far enough for every machine to agree
HALVINGS = 40


def known_golden(
    raw: RawScorer, spec: FeatureSpec, held: Golden, threshold: Threshold, review: Threshold | None
) -> Golden:
    """Keep ``held`` samples of every score, and add samples that stand close to each line on both sides.

    Those lie between a sample below the line and one above it. So they are within every declared range, as the two are.
    Between two images there is none: pixels are whole numbers.
    """
    invalid = np.zeros(len(held.samples), dtype=bool)
    invalid[list(invalid_samples(held.samples, spec))] = True
    valid = held.samples[~invalid]
    scores = raw.scores(valid)
    valid, scores = valid[np.isfinite(scores)], scores[np.isfinite(scores)]
    order = np.argsort(scores, kind="stable")
    valid, scores = valid[order], scores[order]
    beside = [
        _at_score(raw, valid, scores, line.value * side)
        for line in (review, threshold)
        if line is not None and valid.dtype == np.float64
        for side in (1 - BESIDE, 1 + BESIDE)
    ]
    samples = np.concatenate([valid[_evenly(len(valid), KEPT)], *beside, held.samples[invalid][:INVALID_KEPT]])
    return record_answers(raw, spec, samples, threshold, review)


def _at_score(raw: RawScorer, samples: Array, scores: Array, score: float) -> Array:
    """Find samples [P, *shape] that score ``score`` between pairs of ``samples`` [G, *shape], sorted by their ``scores`` [G]."""
    edge = int(np.searchsorted(scores, score, side="right"))
    below, above = samples[:edge], samples[edge:]
    pairs = min(PAIRS, len(below), len(above))
    low, high = below[_evenly(len(below), pairs)], above[_evenly(len(above), pairs)]
    for _ in range(HALVINGS if pairs else 0):
        middle = low + (high - low) / 2
        over = (raw.scores(middle) > score).reshape(-1, *[1] * (samples.ndim - 1))
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    return low


def _evenly(total: int, count: int) -> NDArray[np.intp]:
    return np.linspace(0, total - 1, min(total, count)).astype(np.intp)
