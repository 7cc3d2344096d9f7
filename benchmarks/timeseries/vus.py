"""The volume under the precision-recall surface, VUS-PR. n: steps, l: tolerance around labelled ranges.

Paparrizos et al., Volume Under the Surface: A New Accuracy Evaluation Measure for Time-Series Anomaly Detection, PVLDB 2022;
its window from the series' own period as in Liu and Paparrizos, The Elephant in the Room (TSB-AD), NeurIPS 2024.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

THRESHOLDS = 250
NO_PERIOD = 125  # the window where the series shows no period between the bounds
LONGEST_LAG, SHORTEST_LAG, SHORTEST, LONGEST = 400, 3, 3, 300
LOOKED_AT = 20_000


def own_period(series: NDArray[np.float64]) -> int:
    """Return the lag of the highest local peak of the autocorrelation of ``series`` [n], or ``NO_PERIOD``."""
    centred = series[:LOOKED_AT] - series[:LOOKED_AT].mean()
    spectrum = np.fft.rfft(centred, 2 * centred.size)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2)[SHORTEST_LAG : LONGEST_LAG + 1]
    peaks = 1 + np.flatnonzero((covariance[1:-1] > covariance[:-2]) & (covariance[1:-1] > covariance[2:]))
    if not peaks.size:
        return NO_PERIOD
    best = int(peaks[np.argmax(covariance[peaks])])
    return best + SHORTEST_LAG if SHORTEST <= best <= LONGEST else NO_PERIOD


def vus_pr(scores: NDArray[np.float64], anomalous: NDArray[np.bool_], window: int) -> float:
    """Average the range-based area under the precision-recall curve over tolerances 0 to ``window``."""
    ranked = _Ranked.of(scores)
    return float(np.mean([_range_average_precision(ranked, anomalous, tolerance) for tolerance in range(window + 1)]))


@dataclass(frozen=True)
class _Ranked:
    """Scores [n], their descending order, and at each threshold its value and how many steps are at or above it."""

    scores: NDArray[np.float64]
    order: NDArray[np.intp]
    thresholds: NDArray[np.float64]
    flagged: NDArray[np.intp]

    @classmethod
    def of(cls, scores: NDArray[np.float64]) -> "_Ranked":
        order = np.argsort(-scores, kind="stable")
        descending = scores[order]
        thresholds = descending[np.linspace(0, scores.size - 1, THRESHOLDS).astype(int)]
        return cls(scores, order, thresholds, np.searchsorted(-descending, -thresholds, side="right"))


def _range_average_precision(ranked: _Ranked, anomalous: NDArray[np.bool_], tolerance: int) -> float:
    firsts, lasts = _ranges(anomalous)
    soft = soften(anomalous, tolerance)
    true_positives = np.cumsum(soft[ranked.order])[ranked.flagged - 1]
    # A range counts as found where a softened step of it, or of one that its tolerance touches, is flagged.
    reach = tolerance // 2
    apart = lasts[:-1] + reach < firsts[1:] - reach
    starts = np.maximum(firsts[np.r_[True, apart]] - reach, 0)
    ends = np.minimum(lasts[np.r_[apart, True]] + reach, soft.size - 1)
    highest = np.array([ranked.scores[a : b + 1][soft[a : b + 1] > 0].max() for a, b in zip(starts, ends, strict=True)])
    found = (highest >= ranked.thresholds[:, None]).mean(axis=1)
    positives = (anomalous.sum() + soft.sum()) / 2
    recall = np.r_[0.0, np.minimum(true_positives / positives, 1.0) * found]
    precision = np.r_[1.0, true_positives / ranked.flagged]
    return float(np.diff(recall) @ (precision[1:] + precision[:-1]) / 2)


def soften(anomalous: NDArray[np.bool_], tolerance: int) -> NDArray[np.float64]:
    """Return labels [n] that fall off as sqrt(1 - distance / tolerance) within half the tolerance around each range."""
    soft = anomalous.astype(np.float64)
    reach = tolerance // 2
    for first, last in zip(*_ranges(anomalous), strict=True):
        after = np.arange(last + 1, min(last + reach + 1, soft.size))
        before = np.arange(max(first - reach, 0), first)
        soft[after] += np.sqrt(1 - (after - last) / max(tolerance, 1))
        soft[before] += np.sqrt(1 - (first - before) / max(tolerance, 1))
    return np.minimum(soft, 1.0)


def _ranges(anomalous: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first and the last step of each run of anomalous steps."""
    edges = np.diff(np.r_[0, anomalous.astype(np.int8), 0])
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
