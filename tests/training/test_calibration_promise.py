"""What each threshold rule promises, held against the true false-alarm rate of 2,000 calibration sets."""

from functools import cache

import numpy as np
import pytest
from scipy import stats

from benchmarks.calibration import LAWS, Autocorrelated, Outcome, compare_on_a_fitted_detector, simulate
from model.threshold import CalibrationRule
from training.calibrate import tolerance_rank

SETS = 2000
TARGET = 0.01
# The seeds are fixed; three standard errors are what the figures may differ by from the exact ones.
ERRORS = 3


@cache
def simulated(law: str, rule: CalibrationRule, n: int) -> Outcome:
    return simulate(law, LAWS[law], rule, n, TARGET, SETS)


@cache
def fitted() -> dict[str, Outcome]:
    return {outcome.rule: outcome for outcome in compare_on_a_fitted_detector(200, 1000, TARGET, 300)}


def share_error(share: float, sets: int = SETS) -> float:
    return float(np.sqrt(share * (1 - share) / sets))


@pytest.mark.parametrize("n", [299, 1000])
@pytest.mark.parametrize("law", LAWS)
def test_the_tolerance_rule_keeps_the_target_in_95_percent_of_calibration_sets(law: str, n: int) -> None:
    assert simulated(law, "tolerance", n).kept >= 0.95 - ERRORS * share_error(0.95)


@pytest.mark.parametrize("n", [299, 1000])
@pytest.mark.parametrize("law", [name for name in LAWS if "tied" not in name])
def test_for_continuous_scores_it_does_so_exactly_as_often_as_the_beta_law_says(law: str, n: int) -> None:
    k = tolerance_rank(n, TARGET, 0.95)
    share = stats.beta.cdf(TARGET, n + 1 - k, k)
    assert 0.95 <= share < 1
    assert abs(simulated(law, "tolerance", n).kept - share) < ERRORS * share_error(share)


@pytest.mark.parametrize("law", LAWS)
def test_the_conformal_rule_keeps_the_target_on_average(law: str) -> None:
    outcome = simulated(law, "conformal", 1000)
    assert outcome.mean <= TARGET + ERRORS * outcome.mean_error


def test_the_conformal_rule_promises_no_more_than_the_average() -> None:
    assert 0.4 < simulated("exponential", "conformal", 1000).kept < 0.7


def test_ties_only_lower_the_false_alarm_rate() -> None:
    for rule in ("tolerance", "conformal"):
        tied, continuous = (simulated(law, rule, 1000) for law in ("Poisson, tied", "exponential"))
        assert tied.mean < continuous.mean
        assert tied.kept > continuous.kept


@pytest.mark.parametrize("law", ["exponential", "Pareto, infinite variance"])
def test_the_tail_rule_is_about_right_and_certifies_nothing(law: str) -> None:
    # 0.1 % from 1,000 scores, where the tolerance rule would need 2,995.
    outcome = simulate(law, LAWS[law], "tail", 1000, 0.001, 60)
    assert 0.0005 < outcome.mean < 0.002
    assert outcome.kept < 0.8


def test_neighbours_that_resemble_each_other_break_the_promise_and_distance_restores_it() -> None:
    near = simulate("near", Autocorrelated(0.98), "tolerance", 1000, TARGET, SETS)
    far = simulate("far", Autocorrelated(0.98**100), "tolerance", 1000, TARGET, SETS)
    assert near.kept < 0.75
    assert far.kept >= 0.95 - ERRORS * share_error(0.95)


def test_a_percentile_of_the_training_scores_breaks_its_promise() -> None:
    outcome = fitted()["percentile of training scores"]
    assert outcome.mean > 3 * TARGET
    assert outcome.kept < 0.1


def test_on_the_same_detector_held_out_rows_keep_it() -> None:
    conformal, tolerance = fitted()["conformal"], fitted()["tolerance"]
    # Fresh rows measure these rates: their own error comes on top, the same for all sets.
    measured = np.sqrt(TARGET / 50_000)
    assert conformal.mean <= TARGET + ERRORS * np.hypot(conformal.mean_error, measured)
    assert tolerance.kept >= 0.95 - ERRORS * share_error(0.95, 300)


def test_the_autoregression_has_the_marginal_law_its_rates_are_computed_from() -> None:
    draws = Autocorrelated(0.9).rvs((4000, 30), np.random.default_rng(3))
    for column in (0, 29):
        assert stats.kstest(draws[:, column], stats.chi2(1).cdf).pvalue > 0.001
    roots = np.corrcoef(draws[:, 0], draws[:, 1])[0, 1]
    assert roots == pytest.approx(0.81, abs=0.1)  # squares correlate by the square
