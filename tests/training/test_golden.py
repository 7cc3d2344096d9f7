"""Golden samples hold every verdict, crowd the threshold and never stand on it."""

from functools import cache

import numpy as np
import pytest

from model.bundle import read_bundle
from model.errors import CalibrationError
from model.features import FeatureSpec
from model.golden import compare_golden
from model.raw_scorer import RawScorer
from model.scorer import ANOMALY, INVALID, NORMAL, REVIEW
from model.threshold import Threshold
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import FEATURES, clean_rows
from training.calibrate import calibrate
from training.golden import VERDICT_MARGIN, golden_samples, record_answers

X = clean_rows(2000)


@cache
def golden_scorer() -> RawScorer:
    return RawScorer(read_bundle(GOLDEN_BUNDLE).scorer)


def threshold(target_fpr: float = 0.01) -> Threshold:
    return calibrate(golden_scorer().scores(X), target_fpr, "tolerance", 0.95)


def test_golden_samples_hold_every_verdict_and_record_what_the_graph_answers() -> None:
    raw = golden_scorer()
    line, review = threshold(0.01), threshold(0.1)
    golden = golden_samples(
        raw, FeatureSpec(features=FEATURES), X, raw.scores(X), line, review, np.random.default_rng(0)
    )
    assert set(golden.verdicts.tolist()) == {NORMAL, REVIEW, ANOMALY, INVALID}
    valid = golden.verdicts != INVALID
    np.testing.assert_array_equal(np.isnan(golden.scores), ~valid)
    np.testing.assert_array_equal(golden.verdicts[valid] == ANOMALY, golden.scores[valid] > line.value)
    again = np.full(len(valid), np.nan)
    again[valid] = raw.scores(golden.samples[valid])
    assert compare_golden(golden, again, golden.verdicts, rtol=0) is None


def test_golden_samples_stand_near_the_threshold_but_never_on_it() -> None:
    raw, line = golden_scorer(), threshold()
    golden = golden_samples(raw, FeatureSpec(features=FEATURES), X, raw.scores(X), line, None, np.random.default_rng(0))
    distance = np.abs(golden.scores[~np.isnan(golden.scores)] / line.value - 1)
    assert distance.min() > VERDICT_MARGIN
    assert np.sort(distance)[8] < 0.2


def test_golden_samples_follow_their_seed() -> None:
    raw, spec = golden_scorer(), FeatureSpec(features=FEATURES)
    first, again, other = (
        golden_samples(raw, spec, X, raw.scores(X), threshold(), None, np.random.default_rng(seed))
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.samples, again.samples)
    assert not np.array_equal(first.samples, other.samples)


def test_rows_that_are_all_alike_set_no_threshold() -> None:
    raw, alike = golden_scorer(), np.repeat(X[:1], 700, axis=0)
    line = calibrate(raw.scores(alike), 0.01, "tolerance", 0.95)
    with pytest.raises(CalibrationError, match="every score lies on the threshold"):
        record_answers(raw, FeatureSpec(features=FEATURES), alike, line, None)
