"""What the report says in words."""

from dataclasses import replace

import numpy as np
import pytest

from model.features import Feature, FeatureSpec
from model.threshold import Threshold
from training.evaluate import Evaluation, evaluate
from training.history import EpochRecord, TrainingHistory
from training.report import findings
from training.report.feature_residuals import residual_table
from training.report.findings import Tone

CERTIFIED = Threshold(value=10.0, target_fpr=0.01, rule="tolerance", confidence=0.95, calibration_count=2400)


def counted(false_alarms: int, clean: int, detected: int = 0, anomalous: int = 0) -> Evaluation:
    """Evaluate rows of which just so many raise an alarm."""
    scores = np.repeat([20.0, 1.0, 20.0, 1.0], [false_alarms, clean - false_alarms, detected, anomalous - detected])
    return evaluate(scores, np.arange(scores.size) >= clean, CERTIFIED.value)


def history(epochs: int, best: int, skipped: int = 0) -> TrainingHistory:
    record = EpochRecord(1, 1.0, 3.0, 2.0, 3.1, 2.1, skipped)
    return TrainingHistory(tuple(replace(record, epoch=i + 1) for i in range(epochs)), best, "all steps taken", 1.0)


@pytest.mark.parametrize(
    ("evaluation", "tones"),
    [
        (counted(9, 1800), ["good"]),
        (counted(20, 1800), ["caution"]),
        (counted(80, 1800), ["bad"]),
        (counted(9, 1800, 90, 100), ["good", "good"]),
        (counted(9, 1800, 40, 100), ["good", "caution"]),
        (counted(80, 1800, 4, 100), ["bad", "bad"]),
        (counted(0, 0, 90, 100), ["note", "good"]),
        (None, ["note"]),
    ],
)
def test_the_verdict_follows_from_what_the_test_counted(evaluation: Evaluation | None, tones: list[Tone]) -> None:
    assert [finding.tone for finding in findings.verdict(CERTIFIED, evaluation)] == tones


def test_the_verdict_names_counts_rate_interval_and_promise() -> None:
    detail = findings.verdict(CERTIFIED, counted(9, 1800))[0].detail.replace("\N{NO-BREAK SPACE}", " ")
    assert detail == (
        "9 of 1,800 further clean samples raised an alarm: 0.5 % (95 % interval 0.23 % to 0.95 %). "
        "At most 1 % was promised."
    )


def test_the_worst_finding_sets_the_tone() -> None:
    assert findings.worst(findings.verdict(CERTIFIED, counted(80, 1800, 90, 100))) == "bad"


@pytest.mark.parametrize(
    ("told", "tone"),
    [(history(60, 40), "good"), (history(60, 59), "note"), (history(1, 1), "note"), (history(60, 40, 1), "caution")],
)
def test_a_fit_came_to_rest_or_not(told: TrainingHistory, tone: Tone) -> None:
    assert findings.check_training(told).tone == tone


def test_features_that_moved_matter_more_than_features_hardly_explained() -> None:
    spec = FeatureSpec(features=tuple(Feature(name=name) for name in ("flow", "pressure")))
    drawn = np.random.default_rng(0).normal(size=(500, 2))
    drawn = (drawn - drawn.mean(axis=0)) / drawn.std(axis=0)
    ones = np.ones(2)
    assert findings.check_residuals(residual_table(drawn * 0.2, spec, ones)).tone == "good"
    unexplained = findings.check_residuals(residual_table(drawn * [0.2, 1.0], spec, ones))
    assert (unexplained.tone, unexplained.detail.split(":")[0]) == ("note", "pressure")
    moved = findings.check_residuals(residual_table(drawn * 0.2 + [0.15, 0.0], spec, ones))
    assert (moved.tone, moved.detail.split(":")[0]) == ("caution", "flow")


@pytest.mark.parametrize(("rejected", "incomplete", "tone"), [(0, 0, "good"), (3, 4, "note"), (0, 50, "caution")])
def test_rows_that_could_not_be_used_are_told(rejected: int, incomplete: int, tone: Tone) -> None:
    assert findings.check_data(rejected, incomplete, 1000).tone == tone
