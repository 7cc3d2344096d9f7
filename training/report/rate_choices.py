"""What another false-alarm rate would bring: the same rule on the same calibration scores, tried on the test data."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import CalibrationError
from model.threshold import Threshold
from training.calibrate import calibrate
from training.evaluate import Evaluation, evaluate

RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)


@dataclass(frozen=True)
class RateChoice:
    """``threshold`` is None where the calibration samples are too few for ``rate``; ``chosen`` is the bundle's own."""

    rate: float
    threshold: float | None
    evaluation: Evaluation | None
    chosen: bool


def rate_choices(
    threshold: Threshold,
    calibration: NDArray[np.float64],
    test_scores: NDArray[np.float64],
    anomalous: NDArray[np.bool_],
) -> tuple[RateChoice, ...]:
    """Set ``calibration`` [n] to common rates besides that of ``threshold``, and count on ``test_scores`` [m]."""

    def choice(rate: float) -> RateChoice:
        chosen = rate == threshold.target_fpr
        try:
            value = threshold.value if chosen else _value(threshold, calibration, rate)
        except CalibrationError:
            return RateChoice(rate, None, None, chosen)
        return RateChoice(rate, value, evaluate(test_scores, anomalous, value), chosen)

    return tuple(choice(rate) for rate in sorted({*RATES, threshold.target_fpr}))


def _value(threshold: Threshold, calibration: NDArray[np.float64], rate: float) -> float:
    effective = threshold.effective_count
    return calibrate(calibration, rate, threshold.rule, threshold.confidence or 0.5, effective=effective).value
