"""How many calibration scores may lie above a threshold, against the rules that set thresholds."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from model.threshold import CalibrationRule, Threshold
from model.verification.check import Outcome
from model.verification.promise_check import check_threshold, most_above
from training.calibrate import calibrate, conformal_rank, tolerance_minimum, tolerance_rank

rates = st.floats(1e-4, 0.5)


@given(rates, st.floats(0.5, 0.999), st.integers(0, 20_000))
@settings(deadline=None, max_examples=60)
def test_the_tolerance_rule_allows_what_certifies_and_one_more_would_not(
    rate: float, confidence: float, more: int
) -> None:
    n = tolerance_minimum(rate, confidence) + more
    threshold = Threshold(value=1, target_fpr=rate, rule="tolerance", confidence=confidence, calibration_count=n)
    allowed = most_above(threshold, n)
    assert allowed >= n - tolerance_rank(n, rate, confidence)
    assert stats.binom.cdf(allowed, n, rate) <= (1 - confidence) * (1 + 1e-8)
    assert stats.binom.cdf(allowed + 1, n, rate) > 1 - confidence


@given(rates, st.integers(0, 20_000))
@settings(deadline=None, max_examples=60)
def test_the_conformal_rule_allows_what_it_uses_itself(rate: float, more: int) -> None:
    n = int(1 / rate) + 1 + more
    threshold = Threshold(value=1, target_fpr=rate, rule="conformal", calibration_count=n)
    assert most_above(threshold, n) == n - conformal_rank(n, rate)


@pytest.mark.parametrize("rule", get_args(CalibrationRule))
@pytest.mark.parametrize("n", [3000, 40_000])
def test_what_calibration_sets_passes(rule: CalibrationRule, n: int) -> None:
    scores = np.sort(np.random.default_rng(0).chisquare(5, n))
    threshold = calibrate(scores, 0.01, rule, 0.95)
    assert check_threshold("threshold", threshold, scores).outcome == Outcome.PASSED


def test_scores_too_few_for_the_promise_fail_whatever_the_threshold() -> None:
    scores = np.arange(1.0, 101.0)
    threshold = Threshold(value=1000, target_fpr=0.01, rule="tolerance", confidence=0.95, calibration_count=100)
    check = check_threshold("threshold", threshold, scores)
    assert check.outcome == Outcome.FAILED
    assert "the tolerance rule takes more than 100 scores for 1 % false alarms with 95 % confidence" in check.told
