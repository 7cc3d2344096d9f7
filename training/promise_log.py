"""Telling the engineer what is promised and on what it stands, line by line while the run goes."""

import logging

from model.threshold import Threshold
from training.alarm_budget import duration
from training.alarm_sentence import alarm_sentence
from training.budget_sentence import budget_sentence
from training.calibrate import conformal_minimum, tolerance_minimum
from training.clean_data import CleanData
from training.config import TrainingConfig
from training.promise import CalibrationPlan, needed_rows
from training.promise_sentence import promise
from training.served import ServedDetector

log = logging.getLogger("plumbline.training")


def tell_plan(clean: CleanData, plan: CalibrationPlan, config: TrainingConfig) -> None:
    """Log how many rows each part gets, how the rest is calibrated on, and what the promise takes."""
    counts, held_out = plan.split.counts(), plan.method == "held_out"
    log.info(
        "%s clean rows of %d features: %s train, %s validation, %s calibration, split by %s, %s rows left out as gaps",
        f"{len(clean.values):,}", len(clean.spec), f"{counts['train']:,}", f"{counts['validation']:,}",
        f"{counts['calibration']:,}" if held_out else "all for", config.split.by, f"{counts['gap']:,}",
    )  # fmt: skip
    if not held_out:
        log.info(
            "calibration is cross-fitted in %d folds: each row is scored by a detector that has not learned from it; "
            "what is promised then holds approximately",
            config.calibration.folds,
        )
    budget = config.calibration.budget
    if budget is not None:
        log.info(
            "keeping an alarm budget of %s with %.0f %% confidence takes at least %s of clean calibration rows, %s are there",
            budget, 100 * config.calibration.confidence, duration(needed_rows(config) * budget.interval),
            duration(counts["calibration"] * budget.interval),
        )  # fmt: skip
        return
    log.info(
        "certifying a false-alarm rate of %.3g with %.0f %% confidence takes %s independent clean calibration samples, "
        "%s rows are there",
        config.target_fpr, 100 * config.calibration.confidence,
        f"{tolerance_minimum(config.target_fpr, config.calibration.confidence):,}", f"{counts['calibration']:,}",
    )  # fmt: skip


def tell_fold(done: int, folds: int) -> None:
    log.info("cross-fitting: fold %d of %d", done, folds)


def tell_calibration(served: ServedDetector) -> None:
    """Log what the calibration scores are worth and whether they drift, and then what is promised."""
    threshold, drift = served.threshold, served.drift
    count, effective = threshold.calibration_count, threshold.effective_count
    if effective is not None and effective < count:
        log.log(
            logging.WARNING if effective < count / 2 else logging.INFO,
            "neighbouring calibration rows repeat each other: %s rows are worth about %s independent ones%s",
            f"{count:,}", f"{effective:,}", _consequence(threshold, effective),
        )  # fmt: skip
    if drift.is_significant:
        log.warning(
            "clean scores do not keep their level: median %.4g in the first half of the calibration rows, %.4g in the "
            "second (p = %.2g); the rate holds for rows like these, and may not hold for later ones",
            drift.early, drift.late, drift.p_value,
        )  # fmt: skip
    log.info("threshold %.6g: false-alarm rate %s", threshold.value, promise(threshold))
    if served.alarm_budget is not None:
        log.info("alarm budget of %s", budget_sentence(served.alarm_budget, threshold.method))
    if served.alarm is not None:
        log.info("alarms %s", alarm_sentence(served.alarm, threshold.calibration_count))
    log.info(
        "parity: ONNX Runtime reproduces torch within %.1e over %s samples, in every batch size",
        served.certificate.score_error, f"{served.certificate.samples:,}",
    )  # fmt: skip


def _consequence(threshold: Threshold, effective: int) -> str:
    if threshold.rule == "tail":
        return ", and the tail is drawn from so few"
    if threshold.rule == "conformal" and effective < conformal_minimum(threshold.target_fpr):
        return ""
    return ", and the threshold is set for so many"
