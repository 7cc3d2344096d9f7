"""How far off each feature's expectation is on clean data, one line of a table each: spread, bias and a box plot."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.features import FeatureSpec

SHOWN = 50
WIDEST = 6.0  # times the typical reach: a feature that reaches further is cut at the edge and marked
UNEXPLAINED = 0.9  # residual spread over the feature's own, from which on the model explains next to nothing
BIASED = 0.5  # bias over spread


@dataclass(frozen=True)
class FeatureResidual:
    """Residuals of one feature over clean rows, in the feature's own standard deviations.

    ``box`` holds the 1, 25, 50, 75 and 99 % quantiles as positions on the strip, 0 to 100; ``cut`` says that the outer
    ones lie beyond it.
    """

    name: str
    unit: str
    spread: float
    bias: float
    typical_error: float  # root mean square, in the feature's unit
    box: tuple[float, ...]
    cut: bool


@dataclass(frozen=True)
class ResidualTable:
    """The features with the widest residuals, widest first; strips reach from ``-reach`` to ``reach``."""

    rows: tuple[FeatureResidual, ...]
    reach: float
    total: int
    unexplained: tuple[str, ...]
    biased: tuple[str, ...]


def residual_table(residuals: NDArray[np.float64], spec: FeatureSpec, scale: NDArray[np.float64]) -> ResidualTable:
    """Summarise standardised ``residuals`` [n, F]; ``scale`` [F] brings them back to engineering units."""
    with np.errstate(over="ignore"):
        spread, bias = residuals.std(axis=0), residuals.mean(axis=0)
        error = np.hypot(spread, bias)
    widest_first = np.argsort(-error, kind="stable")
    shown = widest_first[:SHOWN]
    quantiles = np.quantile(residuals[:, shown], (0.01, 0.25, 0.5, 0.75, 0.99), axis=0)
    reaches = np.abs(quantiles).max(axis=0)
    reach = _round_up(min(float(reaches.max()), WIDEST * float(np.median(reaches))) or 1.0)
    positions = 50 + 50 * np.clip(quantiles / reach, -1, 1)
    return ResidualTable(
        rows=tuple(
            FeatureResidual(
                name=spec.features[feature].name,
                unit=spec.features[feature].unit,
                spread=float(spread[feature]),
                bias=float(bias[feature]),
                typical_error=float(error[feature] * scale[feature]),
                box=tuple(float(round(position, 2)) for position in positions[:, column]),
                cut=bool(reaches[column] > reach),
            )
            for column, feature in enumerate(shown)
        ),
        reach=reach,
        total=len(spec),
        unexplained=tuple(spec.names[i] for i in widest_first if spread[i] > UNEXPLAINED),
        biased=tuple(spec.names[i] for i in widest_first if abs(bias[i]) > BIASED * spread[i]),
    )


def _round_up(reach: float) -> float:
    magnitude = 10.0 ** np.floor(np.log10(reach))
    return float(
        next(step * magnitude for step in (1, 1.5, 2, 3, 5, 7.5, 10) if step * magnitude >= reach * (1 - 1e-9))
    )
