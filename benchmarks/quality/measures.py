"""How well scores tell anomalous rows from normal ones: three figures, none of which needs a threshold to be set."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

CLEAN_ROWS_PER_FALSE_ALARM = 100


@dataclass(frozen=True)
class Measures:
    """Ranking of the test rows, all between 0 and 1.

    ``auroc``: area under the ROC curve. ``average_precision``: under the precision-recall curve, by steps.
    ``detection_rate``: the share of anomalous rows above the lowest line that at most 1 % of the normal test rows
    exceed. That line is drawn with the test labels: it compares rankings and is no threshold one could have set.
    """

    auroc: float
    average_precision: float
    detection_rate: float


def measure(scores: NDArray[np.float64], anomalous: NDArray[np.bool_]) -> Measures:
    """Measure ``scores`` [M] against what the rows are, ``anomalous`` [M], some of each."""
    return Measures(
        float(roc_auc_score(anomalous, scores)),
        float(average_precision_score(anomalous, scores)),
        detection_rate(scores, anomalous),
    )


def detection_rate(scores: NDArray[np.float64], anomalous: NDArray[np.bool_]) -> float:
    """Return the highest true-positive rate of all lines whose false-positive rate is at most 1 %."""
    normal = np.sort(scores[~anomalous])
    allowed = normal.size // CLEAN_ROWS_PER_FALSE_ALARM
    return float((scores[anomalous] > normal[normal.size - 1 - allowed]).mean())
