"""What the report says of the promise."""

import numpy as np
import pytest

from model.threshold import CalibrationMethod, CalibrationRule, Threshold
from training.drift import Drift
from training.report import promise_findings
from training.report.findings import Tone

CERTIFIED = Threshold(
    value=10.0, target_fpr=0.01, rule="tolerance", confidence=0.95, calibration_count=2400, effective_count=2400
)


def by_rule(rule: CalibrationRule, effective: int = 2400, method: CalibrationMethod = "held_out") -> Threshold:
    confidence = 0.95 if rule == "tolerance" else None
    return CERTIFIED.model_copy(
        update={"rule": rule, "confidence": confidence, "effective_count": effective, "method": method}
    )


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        (by_rule("tolerance"), "Certified with 95"),
        (by_rule("tolerance", method="cross_fitted"), "this holds approximately"),
        (by_rule("conformal"), "on average"),
        (by_rule("conformal", effective=40), "takes 99 independent samples"),
        (by_rule("tail"), "Nothing certifies this"),
    ],
)
def test_a_promise_says_how_firm_it_is(threshold: Threshold, said: str) -> None:
    assert said in promise_findings.promise(threshold)


def test_the_likely_rate_covers_the_true_rate_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    covered = repeated = 0
    for _ in range(2000):
        threshold = np.sort(rng.uniform(size=500))[-6]  # five above
        low, high = promise_findings.rate_interval(5, 500, 500)
        covered += low <= 1 - threshold <= high
        low, high = promise_findings.rate_interval(15, 1500, 500)  # each of them three times
        repeated += low <= 1 - threshold <= high
    assert covered / 2000 == pytest.approx(0.9, abs=0.02)
    assert repeated == covered


@pytest.mark.parametrize(
    ("threshold", "tone"),
    [
        (by_rule("tolerance"), "good"),
        (by_rule("tolerance", method="cross_fitted"), "note"),
        (by_rule("conformal"), "caution"),
        (by_rule("conformal", effective=98), "bad"),
        (by_rule("tail"), "caution"),
    ],
)
def test_only_held_out_samples_and_the_tolerance_rule_certify(threshold: Threshold, tone: Tone) -> None:
    assert promise_findings.check_certainty(threshold).tone == tone


@pytest.mark.parametrize(
    ("effective", "split", "said"),
    [
        (2300, "time", "hardly depend"),
        (800, "time", "repeat each other"),
        (2300, "random", "at random"),
    ],
)
def test_dependence_between_calibration_samples_is_told(effective: int, split: str, said: str) -> None:
    assert said in promise_findings.check_independence(by_rule("tolerance", effective), split).headline


@pytest.mark.parametrize(
    ("drift", "tone", "said"),
    [
        (Drift(0.002, 31.0, 45.0), "caution", "31.0 in the first half of the calibration samples and 45.0"),
        (Drift(0.4, 31.0, 30.0), "good", ""),
        (Drift(None, 31.0, 45.0), "note", "Watch the rate"),
    ],
)
def test_a_drift_is_told_with_how_far_it_went(drift: Drift, tone: Tone, said: str) -> None:
    found = promise_findings.check_drift(drift)
    assert found.tone == tone
    assert said in found.detail
