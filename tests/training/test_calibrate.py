"""The threshold rules against counting, brute force and the minima that textbooks list."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from model.errors import CalibrationError
from model.threshold import CalibrationRule, p_values
from training.calibrate import (
    calibrate,
    conformal_minimum,
    conformal_rank,
    smallest_rate,
    tail_value,
    tolerance_minimum,
    tolerance_rank,
)

RULES: tuple[CalibrationRule, ...] = ("tolerance", "conformal", "tail")
rates = st.one_of(st.sampled_from([0.5, 0.25, 0.2, 0.1, 0.07, 0.05, 0.02, 0.01]), st.floats(0.01, 0.9))
confidences = st.one_of(st.sampled_from([0.5, 0.75, 0.9, 0.95, 0.99]), st.floats(0.5, 0.999))


def exponential(count: int, seed: int = 0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).exponential(size=count)


@given(
    scores=st.lists(st.one_of(st.integers(0, 5).map(float), st.floats(0, 1e9)), min_size=1, max_size=120),
    fresh=st.lists(st.one_of(st.integers(0, 5).map(float), st.floats(0, 1e9)), max_size=20),
    target_fpr=rates,
)
@settings(deadline=None)
def test_a_conformal_alarm_is_exactly_a_p_value_that_the_target_allows_ties_included(
    scores: list[float], fresh: list[float], target_fpr: float
) -> None:
    n = len(scores)
    allowed = math.floor(target_fpr * (n + 1) + 1e-9)
    if allowed < 1:
        with pytest.raises(CalibrationError):
            calibrate(np.array(scores), target_fpr, "conformal", 0.95)
        return
    threshold = calibrate(np.array(scores), target_fpr, "conformal", 0.95)
    probes = np.array([*fresh, *scores, np.nextafter(threshold.value, np.inf), threshold.value])
    ranks = np.rint(p_values(probes, np.sort(scores)) * (n + 1))
    np.testing.assert_array_equal(probes > threshold.value, ranks <= allowed)


@given(target_fpr=rates, confidence=confidences, surplus=st.integers(0, 500))
@settings(deadline=None)
def test_the_tolerance_rank_is_the_smallest_that_a_search_through_all_ranks_finds(
    target_fpr: float, confidence: float, surplus: int
) -> None:
    n = tolerance_minimum(target_fpr, confidence) + surplus
    k = np.arange(1, n + 1)
    holds = stats.beta.cdf(target_fpr, n + 1 - k, k) >= confidence
    assert tolerance_rank(n, target_fpr, confidence) == k[holds][0]


def test_the_tolerance_rank_keeps_its_promise_in_exact_arithmetic() -> None:
    # P(rate at s_(k) <= t) is the chance that fewer than k of n uniform scores lie below 1 - t: a sum of binomials.
    for n, target in ((299, Fraction(1, 100)), (1000, Fraction(1, 100)), (400, Fraction(1, 20)), (60, Fraction(1, 20))):

        def kept(k: int, n: int = n, target: Fraction = target) -> Fraction:
            above = range(n + 1 - k, n + 1)
            return sum((math.comb(n, j) * target**j * (1 - target) ** (n - j) for j in above), Fraction(0))

        k = tolerance_rank(n, float(target), 0.95)
        assert kept(k) >= Fraction(95, 100)
        assert kept(k - 1) < Fraction(95, 100)


@pytest.mark.parametrize(
    ("target_fpr", "needed"), [(0.1, 29), (0.05, 59), (0.02, 149), (0.01, 299), (0.005, 598), (0.001, 2995)]
)
def test_the_tolerance_rule_needs_as_many_samples_as_wilks_says(target_fpr: float, needed: int) -> None:
    assert tolerance_minimum(target_fpr, 0.95) == needed
    assert tolerance_rank(needed, target_fpr, 0.95) == needed
    with pytest.raises(CalibrationError, match=f"takes {needed:,} clean calibration samples, found {needed - 1:,}"):
        tolerance_rank(needed - 1, target_fpr, 0.95)


@pytest.mark.parametrize(
    ("target_fpr", "needed"), [(0.1, 9), (0.07, 14), (0.05, 19), (0.02, 49), (0.01, 99), (0.001, 999)]
)
def test_the_conformal_rule_needs_one_allowed_alarm(target_fpr: float, needed: int) -> None:
    assert conformal_minimum(target_fpr) == needed
    assert conformal_rank(needed, target_fpr) == needed
    with pytest.raises(CalibrationError, match=f"takes {needed:,} clean calibration samples by the conformal rule"):
        conformal_rank(needed - 1, target_fpr)


@given(target_fpr=rates)
@settings(deadline=None)
def test_the_minimum_that_a_refusal_names_is_the_smallest_that_is_not_refused(target_fpr: float) -> None:
    tolerance, conformal = tolerance_minimum(target_fpr, 0.95), conformal_minimum(target_fpr)
    calibrate(exponential(tolerance), target_fpr, "tolerance", 0.95)
    calibrate(exponential(max(conformal, 1)), target_fpr, "conformal", 0.95)
    with pytest.raises(CalibrationError):
        calibrate(exponential(tolerance - 1), target_fpr, "tolerance", 0.95)
    with pytest.raises(CalibrationError):
        calibrate(exponential(conformal - 1), target_fpr, "conformal", 0.95)


def test_a_refusal_names_the_ways_out() -> None:
    with pytest.raises(CalibrationError) as refused:
        calibrate(exponential(200), 0.001, "tolerance", 0.95)
    for words in ("0.001", "95%", "2,995", "found 200", "conformal rule (999 samples"):
        assert words in str(refused.value)


@pytest.mark.parametrize("rate", [0.07, 0.29, 0.57, 0.58])
def test_a_rate_that_binary_cannot_write_still_allows_the_whole_number_it_means(rate: float) -> None:
    assert conformal_rank(99, rate) == 100 - round(100 * rate)  # 0.29 * 100 is 28.999999999999996 in floating point


@given(st.permutations(range(300)))
@settings(deadline=None, max_examples=10)
def test_the_order_of_the_scores_does_not_matter(order: list[int]) -> None:
    scores = exponential(300)
    for rule in ("tolerance", "conformal"):
        assert calibrate(scores[order], 0.01, rule, 0.95) == calibrate(scores, 0.01, rule, 0.95)


def test_the_tolerance_rule_is_never_looser_than_the_conformal_one() -> None:
    for n in (299, 500, 1000, 5000):
        assert tolerance_rank(n, 0.01, 0.95) >= conformal_rank(n, 0.01)


def test_more_confidence_never_lowers_the_threshold() -> None:
    ranks = [tolerance_rank(2000, 0.01, confidence) for confidence in (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)]
    assert ranks == sorted(ranks)
    assert ranks[0] < ranks[-1]


@pytest.mark.parametrize("rule", RULES)
def test_the_threshold_records_what_was_asked_and_what_is_promised(rule: CalibrationRule) -> None:
    threshold = calibrate(exponential(400), 0.01, rule, 0.95)
    assert (threshold.rule, threshold.target_fpr, threshold.calibration_count) == (rule, 0.01, 400)
    assert threshold.confidence == (0.95 if rule == "tolerance" else None)


@pytest.mark.parametrize("rule", ["tolerance", "conformal"])
@given(effective=st.integers(300, 1200), copies=st.integers(1, 5))
@settings(deadline=None, max_examples=25)
def test_scores_that_each_stand_several_times_get_the_threshold_of_those_that_stand_once(
    rule: CalibrationRule, effective: int, copies: int
) -> None:
    once = exponential(effective)
    threshold = calibrate(np.repeat(once, copies), 0.01, rule, 0.95, effective=effective)
    assert threshold.value == calibrate(once, 0.01, rule, 0.95).value
    assert threshold.effective_count == effective


@pytest.mark.parametrize("rule", ["tolerance", "conformal"])
def test_fewer_independent_samples_raise_the_threshold(rule: CalibrationRule) -> None:
    scores = exponential(5000)
    independent = calibrate(scores, 0.01, rule, 0.95).value
    for worth in (300, 500, 1000, 3000):
        assert calibrate(scores, 0.01, rule, 0.95, effective=worth).value > independent


def test_samples_that_repeat_each_other_certify_no_more_than_they_are_worth() -> None:
    with pytest.raises(CalibrationError) as refused:
        calibrate(exponential(500), 0.01, "tolerance", 0.95, effective=45)
    for words in ("takes 299 independent", "the 500 there are", "worth about 45", "certify 0.064 at the smallest"):
        assert words in str(refused.value)
    calibrate(exponential(500), smallest_rate(45, 0.95) + 1e-9, "tolerance", 0.95, effective=45)


def test_the_conformal_rule_takes_the_largest_score_where_independent_samples_are_too_few() -> None:
    scores = exponential(500)
    assert calibrate(scores, 0.01, "conformal", 0.95, effective=45).value == scores.max()
    assert calibrate(scores, 0.01, "conformal", 0.95, effective=99).value == scores.max()
    assert calibrate(scores, 0.01, "conformal", 0.95, effective=250).value < scores.max()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_scores_that_are_no_numbers_are_refused_and_counted(rule: CalibrationRule, bad: float) -> None:
    scores = exponential(400)
    scores[[3, 5]] = bad
    with pytest.raises(CalibrationError, match="must be finite, found 2 that are not"):
        calibrate(scores, 0.01, rule, 0.95)


@pytest.mark.parametrize("rule", RULES)
def test_no_scores_at_all_are_refused(rule: CalibrationRule) -> None:
    with pytest.raises(CalibrationError, match="found 0"):
        calibrate(np.empty(0), 0.01, rule, 0.95)


def test_the_tail_rule_finds_the_quantile_of_a_tail_it_knows() -> None:
    # Exponential and Pareto tails are generalised Pareto: the extrapolation is right on average, here over 40 sets.
    for law in (stats.expon(), stats.lomax(5)):
        rates = [law.sf(calibrate(law.rvs(1000, random_state=seed), 0.001, "tail", 0.95).value) for seed in range(40)]
        assert 0.0005 < np.median(rates) < 0.002


@pytest.mark.parametrize(("count", "rate"), [(299, 0.01), (5000, 0.1)])
def test_the_tail_rule_refuses_what_it_cannot_fit(count: int, rate: float) -> None:
    with pytest.raises(CalibrationError, match="at least 300 clean scores and works for rates below 0.1"):
        tail_value(np.sort(exponential(count)), rate)


def test_the_tail_rule_never_alarms_on_more_of_its_own_scores_than_asked_even_where_they_are_tied() -> None:
    for seed in range(20):
        scores = np.random.default_rng(seed).poisson(8, 1000).astype(np.float64)
        assert (scores > calibrate(scores, 0.001, "tail", 0.95).value).mean() <= 0.001


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("rate", "confidence"), [(0.0, 0.95), (1.0, 0.95), (-0.1, 0.95), (0.01, 1.0), (0.01, 0.0)])
def test_a_rate_or_confidence_that_is_no_proportion_is_refused(
    rule: CalibrationRule, rate: float, confidence: float
) -> None:
    with pytest.raises(CalibrationError, match=f"between 0 and 1, found {rate:g} and {confidence:g}"):
        calibrate(exponential(1000), rate, rule, confidence)
