"""First-order dynamics, one value a second. T: seconds."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Signal = NDArray[np.float64]  # [T], one value a second

SPAN = 3600  # s solved at once: short enough that what is left of the start does not underflow


def first_order(rate: Signal, drive: Signal, start: float) -> Signal:
    """Solve dy/dt = drive - rate * y from ``start``, for a rate and drive that hold over each second.

    Returns the values at the end of each second. Rates are those of thermal masses, far below 1 per second.
    """
    solved = np.empty(rate.size)
    for begin in range(0, rate.size, SPAN):
        span = slice(begin, begin + SPAN)
        left = np.exp(-np.cumsum(rate[span]))  # of the start
        gained = drive[span] / rate[span] * -np.expm1(-rate[span])
        solved[span] = left * (start + np.cumsum(gained / left))
        start = float(solved[span][-1])
    return solved


def lagged(target: Signal, time_constant: float) -> Signal:
    """Follow ``target`` with a first-order lag of ``time_constant`` seconds, settled at the start."""
    decay = np.exp(-1 / time_constant)
    followed, _ = lfilter([1 - decay], [1, -decay], target, zi=[decay * target[0]])
    return np.asarray(followed)


def wandering(size: int, spread: float, time_constant: float, rng: np.random.Generator) -> Signal:
    """Draw an Ornstein-Uhlenbeck process: stationary with standard deviation ``spread``, forgetting its past."""
    decay = np.exp(-1 / time_constant)
    kicks = spread * np.sqrt(1 - decay**2) * rng.standard_normal(size)
    walked, _ = lfilter([1], [1, -decay], kicks, zi=[decay * spread * rng.standard_normal()])
    return np.asarray(walked)
