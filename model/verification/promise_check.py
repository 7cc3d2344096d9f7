"""Whether the calibration scores bear out what the threshold promises, by its rule. n: calibration scores."""

import math

import numpy as np
from numpy.typing import NDArray

from model.threshold import Threshold
from model.verification.check import Check, Outcome

ROUNDING = 1e-9  # 0.07 * 100 must be 7, whatever binary makes of it


def check_threshold(name: str, threshold: Threshold, calibration: NDArray[np.float64]) -> Check:
    """Count the scores of ``calibration`` [n] above ``threshold``: no more than its rule allows for its promise."""
    above, n = int((calibration > threshold.value).sum()), calibration.size
    allowed = most_above(threshold, n)
    figures = {"above": above, "allowed": allowed, "calibration_count": n, "threshold": threshold.value}
    promised = f"{100 * threshold.target_fpr:g} % false alarms"
    if threshold.confidence is not None:
        promised += f" with {100 * threshold.confidence:g} % confidence"
    limit = f"allows {allowed:,}" if allowed >= 0 else f"takes more than {n:,} scores"
    told = (
        f"{above:,} of {n:,} calibration scores lie above {threshold.value:.6g}; the {threshold.rule} rule {limit} "
        f"for {promised}"
    )
    return Check(name, Outcome.PASSED if above <= allowed else Outcome.FAILED, told, figures)


def most_above(threshold: Threshold, n: int) -> int:
    """Give how many of ``n`` scores may lie above a threshold that promises this; -1 where n is too small for it.

    Tolerance: a threshold with ``a`` scores above it has a false-alarm rate of at most t with probability
    P(Binomial(n, t) > a) (Wilks 1941). Conformal: a + 1 <= t (n + 1). Tail: what is extrapolated never
    lies below the empirical quantile.
    """
    rate = threshold.target_fpr
    if threshold.rule == "conformal":
        return math.floor(rate * (n + 1) + ROUNDING) - 1
    if threshold.rule == "tail" or threshold.confidence is None:
        return int(rate * n + ROUNDING)
    at_most = _binomial_cdf(n, rate)
    return int(np.searchsorted(at_most, (1 - threshold.confidence) * (1 + ROUNDING), side="right")) - 1


def _binomial_cdf(n: int, rate: float) -> NDArray[np.float64]:
    """Return P(Binomial(n, rate) <= k) for k = 0 ... n, up to where it passes one half."""
    k = np.arange(1, min(n, math.ceil(rate * n) + 1) + 1)
    steps = np.log((n - k + 1) / k) + math.log(rate) - math.log1p(-rate)
    log_mass = n * math.log1p(-rate) + np.concatenate([[0.0], np.cumsum(steps)])
    return np.asarray(np.cumsum(np.exp(log_mass)))
