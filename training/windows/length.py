"""How long a window should be, where nobody says: as long as a step remembers those before it."""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from model.series.segments import Segments

SHORTEST, LONGEST = 16, 64
CLEAR_PEAK = 0.5  # autocorrelation at its own period, from which on a channel counts as periodic
FORGOTTEN = float(np.exp(-1))  # the autocorrelation time is the lag at which this much is left
LOOKED_AT = 20_000  # rows of the longest segment; more say nothing new


def propose_length(values: NDArray[np.float64], segments: Segments) -> tuple[int, str]:
    """Propose the steps of a window for rows ``values`` [K, F] in segment order, and say why.

    One period where channels agree on a clear one: the first peak of the mean autocorrelation that follows its first
    fall below zero. Else the lag at which the mean autocorrelation has fallen to 1/e. Between 16 and 64 steps.
    """
    longest = int(np.argmax(segments.lengths))
    start, size = int(segments.starts[longest]), int(min(segments.lengths[longest], LOOKED_AT))
    found = mean_autocorrelation(values[start : start + size])
    period = _period(found)
    if period is not None:
        wanted, why = period, f"one period, where the autocorrelation is {found[period]:.2f}"
    else:
        below = np.flatnonzero(found < FORGOTTEN)
        wanted = int(below[0]) if below.size else found.size
        why = f"the autocorrelation falls below 1/e after {wanted} steps"
    length = int(np.clip(wanted, SHORTEST, min(LONGEST, max(SHORTEST, size // 8))))
    return (
        length,
        why if length == wanted else f"{why}; bounded to {SHORTEST} to {LONGEST} steps and an eighth of the series",
    )


def mean_autocorrelation(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the autocorrelation of consecutive ``rows`` [n, F] by lag, up to n / 2, averaged over channels that vary."""
    centred = rows - rows.mean(axis=0)
    varying = centred[:, centred.std(axis=0) > 0]
    if not varying.shape[1]:
        return np.ones(1)
    lags = np.arange(max(len(rows) // 2, 1))
    by_channel = [signal.correlate(channel, channel, method="fft")[len(rows) - 1 :][lags] for channel in varying.T]
    return np.asarray(np.mean([found / found[0] for found in by_channel], axis=0))


def _period(autocorrelation: NDArray[np.float64]) -> int | None:
    negative = np.flatnonzero(autocorrelation < 0)
    if not negative.size:
        return None
    after = int(negative[0])
    peaks, _ = signal.find_peaks(autocorrelation[after:], height=CLEAR_PEAK)
    return after + int(peaks[0]) if peaks.size else None
