"""One sample against what the detector expected of it, feature by feature, the furthest off first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.features import FeatureSpec

SHOWN = 8
LEAST_REACH = 4.0  # bars of a clean sample stay short: they must not fill the strip with ordinary noise
BEYOND_COUNTING = 1e3  # times the usual error; a feature that is usually exact is this far off at once


@dataclass(frozen=True)
class FeatureDeviation:
    """One feature of a sample; ``observed`` and ``expected`` in its unit, of which ``scale`` is its usual spread.

    ``deviation`` is the difference over the feature's usual error on clean data, at most ``BEYOND_COUNTING`` either
    way; its bar on a strip of 0 to 100 begins at ``start``.
    """

    name: str
    unit: str
    observed: float
    expected: float
    scale: float
    deviation: float
    start: float
    length: float


@dataclass(frozen=True)
class SampleComparison:
    """The features furthest off; the ``hidden`` others lie within ``hidden_within`` usual errors."""

    rows: tuple[FeatureDeviation, ...]
    hidden: int
    hidden_within: float


def compare(
    observed: NDArray[np.float64],
    reconstruction: NDArray[np.float64],
    spec: FeatureSpec,
    scale: NDArray[np.float64],
    clean_residuals: NDArray[np.float64],
) -> SampleComparison:
    """Set ``observed`` against ``reconstruction`` [F], both in engineering units.

    ``clean_residuals`` [n, F], in units of ``scale`` [F], say how far off each feature usually is.
    """
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        usual = np.hypot(clean_residuals.std(axis=0), clean_residuals.mean(axis=0))
        difference = (observed - reconstruction) / scale
        deviation = np.where(difference == 0, 0.0, difference / usual)
    deviation = np.clip(deviation, -BEYOND_COUNTING, BEYOND_COUNTING)
    furthest_first = np.argsort(-np.abs(deviation), kind="stable")
    shown, hidden = furthest_first[:SHOWN], furthest_first[SHOWN:]
    reach = max(LEAST_REACH, float(np.abs(deviation).max()))
    lengths = 50 * np.abs(deviation) / reach
    return SampleComparison(
        rows=tuple(
            FeatureDeviation(
                name=spec.features[i].name,
                unit=spec.features[i].unit,
                observed=float(observed[i]),
                expected=float(reconstruction[i]),
                scale=float(scale[i]),
                deviation=float(deviation[i]),
                start=round(float(50 - lengths[i] if deviation[i] < 0 else 50), 2),
                length=round(float(lengths[i]), 2),
            )
            for i in shown
        ),
        hidden=hidden.size,
        hidden_within=float(np.abs(deviation[hidden]).max()) if hidden.size else 0.0,
    )
