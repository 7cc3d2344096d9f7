"""How a detector does on labelled data: ranking, and the promise against the rate that was achieved."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.metrics import average_precision_score, roc_auc_score

INTERVAL_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Evaluation:
    """Figures on labelled rows; intervals are exact binomial (Clopper and Pearson, 1934), 95 %.

    ``auroc`` and ``average_precision`` are None where the data holds only one kind of row.
    """

    auroc: float | None
    average_precision: float | None
    clean_rows: int
    false_alarms: int
    false_alarm_rate: float
    false_alarm_interval: tuple[float, float]
    anomalous_rows: int
    detected: int
    detection_rate: float
    detection_interval: tuple[float, float]


def evaluate(scores: NDArray[np.float64], anomalous: NDArray[np.bool_], threshold: float) -> Evaluation:
    """Compare ``scores`` [B], all finite, and the alarms they raise with what the rows really are."""
    alarms = scores > threshold
    clean_rows, anomalous_rows = int((~anomalous).sum()), int(anomalous.sum())
    false_alarms, detected = int(alarms[~anomalous].sum()), int(alarms[anomalous].sum())
    both = clean_rows > 0 and anomalous_rows > 0
    return Evaluation(
        auroc=float(roc_auc_score(anomalous, scores)) if both else None,
        average_precision=float(average_precision_score(anomalous, scores)) if both else None,
        clean_rows=clean_rows,
        false_alarms=false_alarms,
        false_alarm_rate=false_alarms / max(clean_rows, 1),
        false_alarm_interval=_interval(false_alarms, clean_rows),
        anomalous_rows=anomalous_rows,
        detected=detected,
        detection_rate=detected / max(anomalous_rows, 1),
        detection_interval=_interval(detected, anomalous_rows),
    )


def _interval(hits: int, of: int) -> tuple[float, float]:
    if of == 0:
        return 0.0, 1.0
    interval = stats.binomtest(hits, of).proportion_ci(INTERVAL_CONFIDENCE, method="exact")
    return float(interval.low), float(interval.high)
