"""What clean rows can promise, told before they are learned from: on which of them to calibrate, or why it cannot be done."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.threshold import CalibrationMethod
from training.annunciations import Series
from training.calibrate import require_enough, require_independent, tolerance_minimum
from training.clean_data import CleanData
from training.config import TrainingConfig
from training.cross_fit import OnFold, cross_fit
from training.dependence import effective_count
from training.episodes import keep_budget, needed_samples, require_time
from training.folds import split_for_cross_fitting
from training.split import Rows, Split, split_rows

BOUTS = 2  # dispersion of alarms that a part held out should bear; it is not known before there are scores


@dataclass(frozen=True)
class CalibrationPlan:
    """How clean rows are shared out, and how those to calibrate on get their scores.

    ``unseen`` are rows that the detector to serve has not learned from: those held out for calibration or, where every
    row calibrates, the later half of those that would have validated.
    """

    split: Split
    method: CalibrationMethod
    unseen: Rows


def plan_calibration(count: int, groups: NDArray[np.str_] | None, config: TrainingConfig) -> CalibrationPlan:
    """Share out ``count`` clean rows that stand in time order.

    A part is held out for calibration. Where it has too few rows to certify the rate (or too short a time for the alarm
    budget, were alarms to come in bouts of two), or where that is asked for, every
    row is learned from and calibrated on, out of its fold (``training/cross_fit.py``).

    Raises:
        InputError: too few rows or groups.
        CalibrationError: too few rows for the rates asked for; names how many are needed.
    """
    calibration = config.calibration
    held_out = split_rows(count, groups, config.split, config.seed)
    needed = needed_rows(config) * (BOUTS if calibration.budget else 1)
    too_few = calibration.method == "auto" and config.detector == "vae" and held_out.calibration.size < needed
    cross_fitted = too_few or calibration.method == "cross_fitted"
    split = split_for_cross_fitting(count, groups, config.split, config.seed) if cross_fitted else held_out
    if calibration.budget is not None:
        require_time(split.calibration.size, calibration.budget, calibration.confidence)
    for rate in (None if calibration.budget else config.target_fpr, calibration.review_fpr):
        if rate is not None:
            require_enough(split.calibration.size, rate, calibration.rule, calibration.confidence)
    if not cross_fitted:
        return CalibrationPlan(split, "held_out", split.calibration)
    validation, unseen = np.array_split(split.validation, 2)
    return CalibrationPlan(replace(split, validation=validation), "cross_fitted", unseen)


def needed_rows(config: TrainingConfig) -> int:
    """Give the fewest calibration rows, independent ones, that bear out the rate or the alarm budget asked for."""
    asked, confidence = config.calibration.budget, config.calibration.confidence
    return needed_samples(asked, confidence) if asked else tolerance_minimum(config.target_fpr, confidence)


def cross_fitted_scores(clean: CleanData, config: TrainingConfig, on_fold: OnFold) -> NDArray[np.float64]:
    """Score every clean row out of its fold [N], in multiples of the typical score, before the detector to serve is learned.

    Raises:
        CalibrationError: the rows repeat their neighbours so much that they cannot certify the rate; names what they can.
            Or they cannot bear out the alarm budget; says how long a time can.
    """
    scores = cross_fit(clean.values, clean.group, clean.spec, config, config.calibration.folds, on_fold).score
    if config.calibration.budget is not None:
        series = Series.of(scores, clean.group)
        keep_budget(series, config.calibration.budget, config.alarm, config.calibration.confidence)
    elif config.calibration.rule == "tolerance":
        effective = effective_count(scores, clean.group)
        require_independent(scores.size, effective, config.target_fpr, config.calibration.confidence)
    return scores
