"""Choosing a bundle's golden samples: what it must answer wherever it is loaded, threshold and all."""

import numpy as np
from numpy.typing import NDArray

from model.errors import CalibrationError
from model.features import FeatureSpec
from model.golden import Golden
from model.raw_scorer import RawScorer
from model.scorer import ANOMALY, INVALID, NORMAL, REVIEW
from model.threshold import Threshold
from model.validity import invalid_samples
from training.absence_rates import without

NORMAL_SAMPLES, NEAR_SAMPLES, EXTREME_SAMPLES, INCOMPLETE_SAMPLES = 16, 16, 16, 8
# Other machines round differently. Their scores may differ from the recorded ones by this much, relatively, and no
# golden sample lies so near a threshold that this could change its verdict.
GOLDEN_RTOL = 1e-4
VERDICT_MARGIN = 10 * GOLDEN_RTOL


def golden_samples(
    raw: RawScorer,
    spec: FeatureSpec,
    clean: NDArray[np.float64],
    threshold: Threshold,
    review: Threshold | None,
    rng: np.random.Generator,
) -> Golden:
    """Choose samples that pin the bundle down (normal, near the threshold, extreme, invalid) and record their answers.

    Where values may be absent, some are incomplete. ``clean`` [B, F] are valid rows, the calibration set. From it come the rows whose scores stand next to the threshold
    on either side; valid samples so near that another machine's rounding could change their verdict are left out.
    """
    scores = raw.scores(clean)
    by_score = np.argsort(scores, kind="stable")
    edge = int(np.searchsorted(scores[by_score], threshold.value))
    nearest = by_score[max(edge - NEAR_SAMPLES, 0) : edge + NEAR_SAMPLES]
    ordinary = np.linspace(0, len(clean) - 1, min(NORMAL_SAMPLES, len(clean))).astype(int)
    shifted = clean[rng.integers(len(clean), size=EXTREME_SAMPLES)].copy()
    features = rng.integers(clean.shape[1], size=EXTREME_SAMPLES)
    shifts = (
        rng.choice([-1.0, 1.0], EXTREME_SAMPLES) * rng.uniform(4, 40, EXTREME_SAMPLES) * clean.std(axis=0)[features]
    )
    shifted[np.arange(EXTREME_SAMPLES), features] += shifts
    missing, infinite = clean[0].copy(), clean[-1].copy()
    missing[0], infinite[-1] = np.nan, np.inf
    if spec.most_absent:
        missing[:] = np.nan
        some = np.vstack([clean[ordinary[:INCOMPLETE_SAMPLES]], shifted[:INCOMPLETE_SAMPLES]])
        incomplete = [without(row[None], 1 + index % spec.most_absent, rng) for index, row in enumerate(some)]
        shifted = np.vstack([shifted, *incomplete])
    samples = np.vstack([clean[ordinary], clean[nearest], shifted, missing, infinite])
    return record_answers(raw, spec, samples, threshold, review)


def record_answers(
    raw: RawScorer,
    spec: FeatureSpec,
    samples: NDArray[np.float64],
    threshold: Threshold,
    review: Threshold | None,
) -> Golden:
    """Record what ``samples`` [G, F] must get, leaving out valid ones that stand too near a threshold to be sure of.

    Raises:
        CalibrationError: that leaves none.
    """
    invalid = np.zeros(len(samples), dtype=bool)
    invalid[list(invalid_samples(samples, spec))] = True
    answers = np.full(len(samples), np.nan)
    answers[~invalid] = raw.scores(samples[~invalid])
    verdicts = np.full(len(samples), NORMAL, dtype=np.int8)
    settled = np.ones(len(samples), dtype=bool)
    for line, verdict in ((review, REVIEW), (threshold, ANOMALY)):
        if line is not None:
            verdicts[answers > line.value] = verdict
            settled &= invalid | (np.abs(answers - line.value) > VERDICT_MARGIN * line.value)
    verdicts[invalid] = INVALID
    if not (settled & ~invalid).any():
        raise CalibrationError(
            "every score lies on the threshold, so no sample is sure of its verdict: clean rows that are all alike "
            "cannot set one; give rows that vary as the process does"
        )
    return Golden(samples[settled], answers[settled], verdicts[settled])
