"""Scores that repeat their neighbours by a known amount."""

import numpy as np
from numpy.typing import NDArray
from scipy import signal


def autoregressive(count: int, correlation: float, seed: int = 0) -> NDArray[np.float64]:
    """Draw a stationary Gaussian AR(1) process [count] of unit variance."""
    noise = np.sqrt(1 - correlation**2) * np.random.default_rng(seed).normal(size=count)
    noise[0] /= np.sqrt(1 - correlation**2)
    values: NDArray[np.float64] = signal.lfilter([1.0], [1.0, -correlation], noise)
    return values


def in_bouts(count: int, seed: int = 0) -> NDArray[np.float64]:
    """Draw normal scores [count] that in 3 % of the time, in bouts of 50 on average, stand 4 higher."""
    rng = np.random.default_rng(seed)
    inside, change = False, rng.random(count)
    level = np.empty(count)
    for row in range(count):
        inside = change[row] > 1 / 50 if inside else change[row] < 0.03 / 0.97 / 50
        level[row] = 4.0 * inside
    return level + rng.normal(size=count)
