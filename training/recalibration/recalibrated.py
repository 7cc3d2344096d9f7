"""A new threshold for graphs that stay as they are, with everything that hangs on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from model.alarm.rule import Alarm
from model.errors import CalibrationError
from model.golden import Golden
from model.quoting import quoted
from model.threshold import Threshold
from training.alarm_config import AlarmConfig
from training.annunciations import Series, alarm_rule, clean_alarms
from training.calibrate import calibrate
from training.clean_data import CleanData
from training.config import TrainingConfig
from training.dependence import effective_count
from training.golden import golden_samples
from training.recalibration.known_golden import known_golden
from training.recalibration.parent import ParentBundle
from training.recalibration.score_shift import ScoreShift, score_shift

FAULTS_NAMED = 5


@dataclass(frozen=True)
class NewRows:
    """Clean rows ``x`` [n, F] in time order that ``place`` names, out of ``source``; of one ``asset`` where there are several."""

    x: NDArray[np.float64]
    place: tuple[str, ...]
    source: CleanData
    asset: str | None

    @classmethod
    def whole(cls, source: CleanData) -> "NewRows":
        return cls(source.values, source.place, source, None)

    @classmethod
    def of(cls, source: CleanData, rows: NDArray[np.intp], asset: str | None) -> "NewRows":
        return cls(source.values[rows], tuple(source.place[row] for row in rows), source, asset)


@dataclass(frozen=True)
class Recalibrated:
    """Thresholds, the ``scores`` [n] they were set on, worth ``effective`` independent ones, and golden samples.

    Where ``rows`` are None, the scores are those the parent holds, ascending; else they stand in the rows' order and
    ``shift`` compares them with the parent's.
    """

    threshold: Threshold
    review: Threshold | None
    scores: NDArray[np.float64]
    effective: int
    golden: Golden
    rows: NewRows | None
    shift: ScoreShift | None
    alarm: Alarm | None


def recalibrate(parent: ParentBundle, promise: TrainingConfig, rows: NewRows | None) -> Recalibrated:
    """Set the thresholds of ``promise`` on the scores of ``rows``, or on those that ``parent`` holds.

    Raises:
        CalibrationError: the scores cannot support the promise; names how many can.
    """
    scores = parent.scores if rows is None else parent.raw.scores(rows.x)
    effective = parent.effective if rows is None else effective_count(scores)
    looser = promise.calibration.review_fpr
    calibrated = partial(
        calibrate,
        scores,
        rule=promise.calibration.rule,
        confidence=promise.calibration.confidence,
        effective=parent.manifest.threshold.effective_count if rows is None else effective,
        method=parent.manifest.threshold.method if rows is None else "held_out",
    )
    threshold = calibrated(target_fpr=promise.target_fpr)
    review = None if looser is None else calibrated(target_fpr=looser)
    if rows is None:
        golden = known_golden(parent.raw, parent.spec, parent.bundle.golden, threshold, review)
        return Recalibrated(
            threshold, review, scores, effective, golden, None, None, _alarm(parent, threshold, scores, in_time=False)
        )
    rng = np.random.default_rng(parent.manifest.training.seed)
    golden = golden_samples(parent.raw, parent.spec, rows.x, parent.raw.scores(rows.x), threshold, review, rng)
    shift = score_shift(parent.scores, parent.effective, scores, effective, parent.manifest.threshold)
    return Recalibrated(
        threshold, review, scores, effective, golden, rows, shift, _alarm(parent, threshold, scores, in_time=True)
    )


def _alarm(parent: ParentBundle, threshold: Threshold, scores: NDArray[np.float64], *, in_time: bool) -> Alarm | None:
    """Keep the parent's alarm rule, its line to clear at where the new ``threshold`` and ``scores`` put it."""
    if parent.manifest.alarm is None:
        return None
    rule = AlarmConfig(**parent.manifest.alarm.rule.model_dump(exclude={"clear_threshold"}))
    clean = clean_alarms(Series(scores), threshold.value, rule) if in_time else None
    return Alarm(rule=alarm_rule(threshold.value, scores, rule), clean=clean)


def recalibrate_fleet(
    parent: ParentBundle, promise: TrainingConfig, fleet: Mapping[str, NewRows]
) -> dict[str, Recalibrated]:
    """Set each asset's thresholds on its own rows: all of them or none.

    Raises:
        CalibrationError: assets whose rows cannot support the promise, each with what it lacks.
    """
    done: dict[str, Recalibrated] = {}
    faults: list[str] = []
    for asset, rows in fleet.items():
        try:
            done[asset] = recalibrate(parent, promise, rows)
        except CalibrationError as error:
            faults.append(f"asset {quoted(asset)}: {error}")
    if faults:
        more = f"; and {len(faults) - FAULTS_NAMED} more" if len(faults) > FAULTS_NAMED else ""
        raise CalibrationError(
            f"{len(faults)} of {len(fleet)} assets cannot be calibrated, so nothing was written; "
            f"{'; '.join(faults[:FAULTS_NAMED])}{more}"
        )
    return done
