"""What a detector can see: for each feature and kind of fault the smallest one it finds, as the manifest states it.

How it is measured: ``training/detectability.py``.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

FaultKind = Literal["bias", "drift", "stuck", "noise", "gain", "decorrelation"]

MOST_LIMITS = 24_576  # six kinds for each of as many features as a bundle may have


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


class DetectionLimit(_Section):
    """The smallest fault of one kind that is found in one feature.

    Sizes are in the feature's unit, but for gain (what is added to a factor of one) and decorrelation (the correlation
    with the true reading that is lost), which have none. The kinds are defined in ``training/faults.py``.
    """

    feature: str
    """The feature whose sensor is faulty."""
    kind: FaultKind
    """What is wrong with it."""
    limit: float | None = Field(ge=0)
    """The size from which on it is found, or null where the largest size that was tried is not."""
    tried: float = Field(ge=0)
    """The largest size that was tried."""
    found: float = Field(ge=0, le=1)
    """The share of faulty rows found at ``limit``, or at ``tried`` where there is none."""
    named_first: float | None = Field(ge=0, le=1)
    """Of the rows found there, the share in which this feature has the largest contribution; null where none was found."""

    @model_validator(mode="after")
    def _was_tried(self) -> Self:
        if self.limit is not None and self.limit > self.tried:
            raise ValueError("a limit is not above the largest size that was tried")
        return self


class Detectability(_Section):
    """Faults injected into clean held-out rows, one sensor at a time, and what became of them."""

    share: float = Field(gt=0, lt=1)
    """The share of faulty rows that must score above the threshold for a fault to count as found."""
    confidence: float | None = Field(gt=0, lt=1)
    """The confidence that ``share`` is reached at each limit; null where there were too few independent rows to state one."""
    rows: int = Field(ge=1)
    """How many clean rows each fault was put into."""
    largest: float = Field(gt=0)
    """The largest size that was tried, in the feature's standard deviations; decorrelation was tried up to one."""
    limits: tuple[DetectionLimit, ...] = Field(max_length=MOST_LIMITS)
    """One for each kind of fault in each feature that was tried."""

    def of(self, kind: FaultKind) -> tuple[DetectionLimit, ...]:
        """Give the limits of one kind, in the order of the features."""
        return tuple(limit for limit in self.limits if limit.kind == kind)

    def spreads(self, limit: DetectionLimit) -> float | None:
        """Give a limit in the feature's standard deviations (gain: as it is), None where there is none."""
        return None if limit.limit is None else self.largest * limit.limit / limit.tried
