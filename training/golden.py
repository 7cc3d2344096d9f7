"""Choosing a bundle's golden samples: what it must answer wherever it is loaded, threshold and all."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import CalibrationError
from model.features import FeatureSpec
from model.golden import Golden
from model.raw_scorer import RawScorer
from model.sample_form import SampleSet
from model.scorer import ANOMALY, INVALID, NORMAL, REVIEW
from model.threshold import Threshold
from model.validity import invalid_samples
from training.absence_rates import without

GOLDEN_VALUES = 4096  # samples of more values than this are kept in smaller numbers
NORMAL_SAMPLES, NEAR_SAMPLES, EXTREME_SAMPLES, INCOMPLETE_SAMPLES = 16, 16, 16, 8
# Other machines round differently. Their scores may differ from the recorded ones by this much, relatively, and no
# golden sample lies so near a threshold that this could change its verdict.
GOLDEN_RTOL = 1e-4
PIXEL_GOLDEN_RTOL = 1e-3  # of images: ten times what the gate allows, as of others
VERDICT_MARGIN = 10 * GOLDEN_RTOL


def golden_samples(
    raw: RawScorer,
    spec: FeatureSpec,
    clean: SampleSet,
    scores: NDArray[np.float64],
    threshold: Threshold,
    review: Threshold | None,
    rng: np.random.Generator,
) -> Golden:
    """Choose samples that pin the bundle down (normal, near the threshold, extreme, invalid) and record their answers.

    ``clean`` are B valid samples that score ``scores`` [B], the calibration set. From it come the samples whose scores
    stand next to the threshold on either side; valid ones so near that another machine's rounding could change their
    verdict are left out. Where values may be absent, some are incomplete. Of large samples there are fewer.
    """
    first = clean[:1]
    share = min(1.0, GOLDEN_VALUES / first[0].size)
    normal, near, extreme = (max(4, round(share * count)) for count in (NORMAL_SAMPLES, NEAR_SAMPLES, EXTREME_SAMPLES))
    by_score = np.argsort(scores, kind="stable")
    edge = int(np.searchsorted(scores[by_score], threshold.value))
    nearest = clean[by_score[max(edge - near, 0) : edge + near]]
    ordinary = clean[np.linspace(0, len(clean) - 1, min(normal, len(clean))).astype(int)]
    drawn = clean[rng.integers(len(clean), size=extreme)].copy()
    if first.dtype != np.float64:
        return record_answers(raw, spec, np.concatenate([ordinary, nearest, _negatives(drawn)]), threshold, review)
    shifted = _shifted(drawn, spread_of(clean), rng)
    missing, infinite = clean[:1][0].copy(), clean[len(clean) - 1 :][0].copy()
    missing[..., 0], infinite[..., -1] = np.nan, np.inf
    if spec.most_absent:
        missing[:] = np.nan
        some = np.vstack([ordinary[:INCOMPLETE_SAMPLES], shifted[:INCOMPLETE_SAMPLES]])
        incomplete = [without(row[None], 1 + index % spec.most_absent, rng) for index, row in enumerate(some)]
        shifted = np.vstack([shifted, *incomplete])
    samples = np.concatenate([ordinary, nearest, shifted, missing[None], infinite[None]])
    return record_answers(raw, spec, samples, threshold, review)


def _shifted(drawn: NDArray[np.float64], spread: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Move one feature of each sample by 4 to 40 spreads [F], up or down, in every step there is."""
    count, width = len(drawn), drawn.shape[-1]
    features = rng.integers(width, size=count)
    shifts = rng.choice([-1.0, 1.0], count) * rng.uniform(4, 40, count) * spread[features]
    for sample, feature, shift in zip(drawn, features, shifts, strict=True):
        sample[..., feature] += shift
    return drawn


def _negatives(drawn: NDArray[Any]) -> NDArray[Any]:
    """Turn the middle of each image into its negative."""
    height, width = drawn.shape[1:3]
    middle = drawn[:, height // 4 : height - height // 4, width // 4 : width - width // 4]
    middle[:] = np.iinfo(drawn.dtype).max - middle
    return drawn


def spread_of(clean: SampleSet) -> NDArray[np.float64]:
    """Return the standard deviation of each feature [F] over samples and steps; of many windows, over some."""
    some = (
        clean
        if isinstance(clean, np.ndarray)
        else clean[np.linspace(0, len(clean) - 1, min(len(clean), 200)).astype(int)]
    )
    spread: NDArray[np.float64] = some.std(axis=tuple(range(some.ndim - 1)))
    return spread


def record_answers(
    raw: RawScorer,
    spec: FeatureSpec,
    samples: NDArray[Any],
    threshold: Threshold,
    review: Threshold | None,
) -> Golden:
    """Record what ``samples`` [G, *shape] must get, leaving out valid ones that stand too near a threshold to be sure of.

    Raises:
        CalibrationError: that leaves none.
    """
    invalid = np.zeros(len(samples), dtype=bool)
    invalid[list(invalid_samples(samples, spec))] = True
    answers = np.full(len(samples), np.nan)
    answers[~invalid] = raw.scores(samples[~invalid])
    verdicts = np.full(len(samples), NORMAL, dtype=np.int8)
    settled = np.ones(len(samples), dtype=bool)
    margin = VERDICT_MARGIN if samples.dtype == np.float64 else 10 * PIXEL_GOLDEN_RTOL
    for line, verdict in ((review, REVIEW), (threshold, ANOMALY)):
        if line is not None:
            verdicts[answers > line.value] = verdict
            settled &= invalid | (np.abs(answers - line.value) > margin * line.value)
    verdicts[invalid] = INVALID
    if not (settled & ~invalid).any():
        raise CalibrationError(
            "every score lies on the threshold, so no sample is sure of its verdict: clean rows that are all alike "
            "cannot set one; give rows that vary as the process does"
        )
    return Golden(samples[settled], answers[settled], verdicts[settled])
