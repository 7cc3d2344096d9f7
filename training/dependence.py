"""How much neighbouring calibration scores repeat each other: a promise counts samples, and repeats are not new ones."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft, stats

from model.threshold import Threshold

MINIMUM = 20  # fewer scores say nothing about dependence


def effective_count(scores: NDArray[np.float64]) -> int:
    """Estimate how many independent samples ``scores`` [n], in time order, are worth; n where they are independent.

    ``n / (1 + 2 * sum of autocorrelations)`` over ranks, so that one extreme score cannot decide, summed while
    adjacent pairs are positive (Geyer, Practical Markov Chain Monte Carlo, 1992).
    """
    n = scores.size
    ranks = stats.rankdata(scores)
    ranks -= ranks.mean()
    if n < MINIMUM or not ranks.any():
        return n
    spectrum = fft.rfft(ranks, fft.next_fast_len(2 * n, real=True))
    covariance = fft.irfft(np.abs(spectrum) ** 2)[: n - n % 2]
    pairs = (covariance / covariance[0]).reshape(-1, 2).sum(axis=1)
    first_negative = int(np.argmax(pairs <= 0)) if (pairs <= 0).any() else pairs.size
    inflation = max(1.0, -1 + 2 * float(pairs[:first_negative].sum()))
    return max(1, round(n / inflation))


def effective_confidence(scores: NDArray[np.float64], threshold: Threshold) -> float:
    """Estimate P(false-alarm rate <= target) where ``scores`` [n] are worth only their effective number of samples.

    The share of scores above the threshold is kept, the number of samples it stands on is not: with n' effective
    samples of which r lie above, the rate is Beta(r + 1, n' - r) distributed. Alarms far out in the tail repeat each
    other less than scores at large do, so this errs on the side of caution.
    """
    effective = effective_count(scores)
    above = effective * float((scores > threshold.value).mean())
    return float(stats.beta.cdf(threshold.target_fpr, above + 1, max(effective - above, 1e-9)))
