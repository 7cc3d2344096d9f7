"""How much neighbouring calibration scores repeat each other: a promise counts samples, and repeats are not new ones."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft, stats

MINIMUM = 20  # fewer scores say nothing about dependence
TAILS = (0.1, 0.01)
TAIL_MINIMUM = 30  # fewer scores in a tail say nothing about how it clusters
SIGNIFICANCE = 0.01  # independent scores are taken for dependent this seldom


def effective_count(scores: NDArray[np.float64], groups: NDArray[np.str_] | None = None) -> int:
    """Estimate how many independent samples ``scores`` [n], in time order, are worth; n where they are independent.

    ``n / (1 + 2 * sum of autocorrelations)``, the least of three answers: over ranks, so that one extreme score cannot
    decide, and over whether a score is among the largest tenth and the largest hundredth, because alarms come in bouts
    of which the bulk of the scores knows nothing. Rows of one group stand together, as ``groups`` [n] names them.
    """
    n = scores.size
    if n < MINIMUM:
        return n
    ordered = scores if groups is None else scores[np.argsort(groups, kind="stable")]
    ranks = stats.rankdata(ordered)
    series = [ranks, *((ranks > (1 - tail) * n).astype(np.float64) for tail in TAILS if tail * n >= TAIL_MINIMUM)]
    return max(1, round(n / max(inflation(one) for one in series)))


def inflation(series: NDArray[np.float64]) -> float:
    """Give ``1 + 2 * sum of autocorrelations``, summed while adjacent pairs are positive; 1 where none is significant.

    The sum: Geyer, Practical Markov Chain Monte Carlo, 1992. Of independent values, the sum of the first h
    autocorrelations has a variance of h / n; sums over 1, 2, 4, ... are held against that.
    """
    n = series.size
    centred = series - series.mean()
    if not centred.any():
        return 1.0
    spectrum = fft.rfft(centred, fft.next_fast_len(2 * n, real=True))
    covariance = fft.irfft(np.abs(spectrum) ** 2)[: n - n % 2]
    correlation = covariance / covariance[0]
    lags = 2 ** np.arange(int(np.log2(n / 4)) + 1)
    excess = np.cumsum(correlation[1:])[lags - 1] / np.sqrt(lags / n)
    if excess.max() < stats.norm.isf(SIGNIFICANCE / lags.size):
        return 1.0
    pairs = correlation.reshape(-1, 2).sum(axis=1)
    first_negative = int(np.argmax(pairs <= 0)) if (pairs <= 0).any() else pairs.size
    return max(1.0, -1 + 2 * float(pairs[:first_negative].sum()))
