"""Golden samples for another threshold, without a single row of the data."""

import numpy as np
import pytest

from model.bundle import read_bundle
from model.bundle_arrays import MAX_GOLDEN_SAMPLES
from model.golden import compare_golden
from model.raw_scorer import RawScorer
from model.scorer import ANOMALY, INVALID, NORMAL, REVIEW
from model.threshold import Threshold
from model.validity import invalid_samples
from tests.golden.bundle import GOLDEN_BUNDLE
from training.calibrate import calibrate
from training.golden import VERDICT_MARGIN
from training.recalibration.known_golden import BESIDE, PAIRS, known_golden

BUNDLE = read_bundle(GOLDEN_BUNDLE)
RAW, SPEC = RawScorer(BUNDLE.scorer), BUNDLE.manifest.feature_spec


def line(target_fpr: float) -> Threshold:
    return calibrate(BUNDLE.calibration, target_fpr, "tolerance", 0.95)


@pytest.mark.parametrize("target_fpr", [0.005, 0.05, 0.3])
def test_samples_stand_close_to_the_new_threshold_on_both_sides(target_fpr: float) -> None:
    threshold = line(target_fpr)
    golden = known_golden(RAW, SPEC, BUNDLE.golden, threshold, None)
    ratio = golden.scores / threshold.value
    for side in (1 - BESIDE, 1 + BESIDE):
        assert (np.abs(ratio - side) < 1e-4).sum() >= PAIRS
    assert np.nanmin(np.abs(ratio - 1)) > VERDICT_MARGIN


def test_every_verdict_is_there_and_repeats_when_scored_again() -> None:
    golden = known_golden(RAW, SPEC, BUNDLE.golden, line(0.02), line(0.2))
    assert set(golden.verdicts.tolist()) == {NORMAL, REVIEW, ANOMALY, INVALID}
    again = np.full(len(golden.scores), np.nan)
    valid = golden.verdicts != INVALID
    again[valid] = RAW.scores(golden.samples[valid])
    assert compare_golden(golden, again, golden.verdicts, rtol=0) is None


def test_new_samples_are_within_every_declared_range() -> None:
    golden = known_golden(RAW, SPEC, BUNDLE.golden, line(0.02), None)
    assert set(invalid_samples(golden.samples, SPEC)) == set(np.flatnonzero(golden.verdicts == INVALID).tolist())


def test_golden_samples_do_not_pile_up_over_generations() -> None:
    golden, sizes = BUNDLE.golden, []
    for generation in range(20):
        golden = known_golden(RAW, SPEC, golden, line(0.05 + 0.01 * generation), line(0.5))
        sizes.append(len(golden.scores))
    assert max(sizes) < MAX_GOLDEN_SAMPLES / 10
    assert (golden.verdicts == INVALID).any()


def test_a_threshold_beyond_every_known_sample_is_still_given_golden_samples() -> None:
    far = line(0.05).model_copy(update={"value": 1e12})
    golden = known_golden(RAW, SPEC, BUNDLE.golden, far, None)
    assert set(golden.verdicts.tolist()) == {NORMAL, INVALID}
