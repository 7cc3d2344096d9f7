"""The line between normal and anomalous, and what was promised about it. How it is found: ``training/calibrate.py``."""

from enum import StrEnum
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator


class Verdict(StrEnum):
    """What is said of a sample; ``review`` only where a second, looser rate is configured."""

    NORMAL = "normal"
    REVIEW = "review"
    ANOMALY = "anomaly"
    INVALID = "invalid"


LARGEST, SMALLEST = 1e300, 1e-300

CalibrationRule = Literal["tolerance", "conformal", "tail"]
CalibrationMethod = Literal["held_out", "cross_fitted"]


class Threshold(BaseModel):
    """A score above ``value`` raises an alarm; at most ``target_fpr`` of clean samples may.

    ``confidence`` is the share of calibration sets for which that holds (the tolerance rule). It is null where the
    promise holds on average over calibration sets (conformal) or is an extrapolation that nothing certifies (tail).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

    value: float = Field(ge=0)
    """The score above which, strictly, a sample is an anomaly (or for review)."""
    target_fpr: float = Field(gt=0, lt=1)
    """The share of clean samples that may score above ``value``."""
    rule: CalibrationRule
    """How ``value`` was found, and so what is promised of it."""
    confidence: float | None = Field(default=None, gt=0, lt=1)
    """The tolerance rule's confidence; null for the other rules."""
    calibration_count: int = Field(ge=1)
    """n, how many calibration scores ``value`` was found from."""
    effective_count: int | None = Field(default=None, ge=1)
    """How many independent samples they are worth, for which the rule chose ``value``; null where not estimated."""
    method: CalibrationMethod = "held_out"
    """Whether the scores are those of rows held out for calibration, or of all clean rows, each out of its fold."""

    @model_validator(mode="after")
    def _promises_what_its_rule_can(self) -> Self:
        if (self.rule == "tolerance") != (self.confidence is not None):
            raise ValueError("confidence belongs to the tolerance rule, and to no other")
        if self.effective_count is not None and self.effective_count > self.calibration_count:
            raise ValueError("effective_count must not exceed calibration_count")
        return self

    def severity_of(self, score: float) -> float:
        """Map one finite score as ``severity`` does."""
        if self.value < SMALLEST:
            return float(score > 0)
        bounded = min(score, LARGEST)
        return bounded / (bounded + min(self.value, LARGEST))

    def severity(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map scores [B] to a reading aid in [0, 1], one half at the threshold: ``s / (s + threshold)``."""
        if self.value < SMALLEST:  # a sum could be zero, or a quotient without its digits
            return np.sign(scores)
        bounded = np.minimum(scores, LARGEST)  # so that no sum overflows
        return np.asarray(bounded / (bounded + min(self.value, LARGEST)))


def p_values(scores: NDArray[np.float64], calibration: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give each score [B] its conformal p-value against ``calibration`` [n], sorted ascending.

    ``p = (1 + #{calibration >= score}) / (n + 1)``, so ``1 / (n + 1)`` is the smallest there is
    (Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005).
    """
    at_least = calibration.size - calibration.searchsorted(scores)  # side left; the method costs less than the function
    return np.asarray((1 + at_least) / (calibration.size + 1), dtype=np.float64)
