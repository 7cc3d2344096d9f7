"""The axis scores are drawn on: logarithmic, for they are squared distances, and never stretched by a few extremes."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter
from numpy.typing import NDArray

FURTHEST = 1e4  # times the threshold: what lies beyond would squeeze everything else


@dataclass(frozen=True)
class ScoreAxis:
    """From ``low`` to ``high``, both positive. What lies outside is drawn on the edge."""

    low: float
    high: float

    def place(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.clip(scores, self.low, self.high)

    def tick(self, axis: Axis) -> None:
        """Label ``axis`` with plain numbers, also where it spans less than a decade."""
        decades = np.log10(self.high / self.low)
        if decades < 1:
            axis.set_major_locator(MaxNLocator(5))
        elif decades < 3:
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        else:
            axis.set_major_locator(LogLocator(numticks=9))
        axis.set_major_formatter(FuncFormatter(lambda score, _: f"{score:,.6g}"))
        axis.set_minor_formatter(NullFormatter())


def score_axis(scores: NDArray[np.float64], threshold: float) -> ScoreAxis:
    """Choose an axis that shows ``threshold`` and all but the most extreme of ``scores`` [n]."""
    positive = scores[scores > 0]
    if not positive.size:
        return ScoreAxis(0.1, 10.0)
    centre = threshold if threshold > 0 else float(np.median(positive))
    high = 1.3 * max(centre, min(float(positive.max()), FURTHEST * centre))
    low = max(float(np.quantile(positive, 0.001)), high / FURTHEST**2)
    return ScoreAxis(min(low, centre) / 1.3, high)
