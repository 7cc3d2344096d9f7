"""What goes wrong with a sensor, put into clean rows: six kinds of fault, each of a size."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from model.detectability import FaultKind

__all__ = ["FaultKind", "inject"]

Array = NDArray[np.float64]


def inject(
    x: Array,
    feature: int,
    kind: FaultKind,
    size: float,
    rng: np.random.Generator,
    spread: float | None = None,
) -> Array:
    """Return a copy of ``x`` [N, F], engineering units in time order, in which one feature's sensor is faulty throughout.

    ``v`` [N] is the feature's reading, m its mean, s its ``spread``: the standard deviation of ``v`` unless given.

    - ``bias``: ``v + size * s``. It reads too high, or too low where ``size`` is negative.
    - ``drift``: ``v`` plus a straight ramp that starts from zero before the first row and reaches ``size * s`` in the last.
    - ``stuck``: the median of ``v`` plus ``size * s`` in every row, whatever happens: frozen at a usual value where
      ``size`` is small, at an unusual one, such as the end of its range, where it is large. (The median, because the
      mean of a reading with two operating points is a value it never has.)
    - ``noise``: ``v`` plus independent Gaussian noise of standard deviation ``size * s``.
    - ``gain``: ``m + (1 + size) * (v - m)``. It exaggerates, or understates where ``size`` is negative; -1 freezes it.
    - ``decorrelation``: the values of ``v`` change places in time until only ``1 - size`` is left of the correlation with
      the true reading (of normal scores), as with a mixed-up or late signal. Each value stays, so that nothing looks odd
      about the sensor by itself; with a ``size`` of 1 the places are random, with 0 nothing moves.

    The same seed draws the same noise and the same order for every size.

    Raises:
        ValueError: ``size`` is not finite, below zero for noise, below -1 for gain, or outside 0 to 1 for decorrelation.
    """
    least, most = {"noise": (0, np.inf), "gain": (-1, np.inf), "decorrelation": (0, 1)}.get(kind, (-np.inf, np.inf))
    if not (np.isfinite(size) and least <= size <= most):
        raise ValueError(f"a fault of kind '{kind}' has a finite size from {least:g} to {most:g}, found {size:g}")
    faulty = x.copy()
    faulty[:, feature] = _faulty(x[:, feature], kind, size, rng, spread)
    return faulty


def _faulty(v: Array, kind: FaultKind, size: float, rng: np.random.Generator, spread: float | None) -> Array:
    mean, shift = float(v.mean()), size * float(v.std() if spread is None else spread)
    match kind:
        case "bias":
            return v + shift
        case "drift":
            return v + shift * np.arange(1, v.size + 1) / v.size
        case "stuck":
            return np.full_like(v, np.median(v) + shift)
        case "noise":
            return v + shift * rng.standard_normal(v.size)
        case "gain":
            return mean + (1 + size) * (v - mean)
        case "decorrelation":
            return _reordered(v, 1 - size, rng)


def _reordered(v: Array, correlation: float, rng: np.random.Generator) -> Array:
    """Put the values of ``v`` [N] into an order whose normal scores correlate with those of their own by so much."""
    score = stats.norm.ppf((stats.rankdata(v, "ordinal") - 0.5) / v.size)
    mixed = correlation * score + np.sqrt(1 - correlation**2) * rng.standard_normal(v.size)
    return np.asarray(np.sort(v)[stats.rankdata(mixed, "ordinal") - 1])
