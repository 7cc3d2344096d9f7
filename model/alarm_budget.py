"""The alarms an operator will put up with, counted as episodes, and what the threshold makes of them.

How the threshold is found: ``training/episodes.py``.
"""

from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Period = Literal["hour", "shift", "day", "week", "month", "year"]

SECONDS: Final[dict[Period, float]] = {
    "hour": 3_600,
    "shift": 8 * 3_600,
    "day": 86_400,
    "week": 7 * 86_400,
    "month": 30.44 * 86_400,
    "year": 365.25 * 86_400,
}


class AlarmBudget(BaseModel):
    """False alarms allowed in a period of clean running, and those expected.

    An episode is an alarm as the operator sees it, raised and cleared by the bundle's alarm rule. Where rows name their
    asset, rates are those of one asset.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

    episodes: float = Field(gt=0)
    """The episodes that ``period`` may hold."""
    period: Period
    """The period; a shift has 8 hours, a month 30.44 days, a year 365.25."""
    sampling_interval: float = Field(gt=0)
    """Seconds from one sample to the next."""
    gap: int = Field(ge=1)
    """How many quiet samples end an episode."""
    confidence: float = Field(gt=0, lt=1)
    """The share of calibration sets for which the episodes keep to the budget."""
    seen: int = Field(ge=0)
    """The episodes among the calibration scores, in time order, above the threshold."""
    seconds: float = Field(gt=0)
    """How long a time those scores span: a sampling interval for each."""
    expected: float = Field(ge=0)
    """The episodes they come to in ``period``."""
    expected_low: float = Field(ge=0)
    """Lower limit of the true number in ``period``, one-sided at ``confidence``."""
    expected_high: float = Field(ge=0)
    """Upper limit, likewise, which the budget is held against."""
    mean_length: float | None = Field(ge=1)
    """How many samples an episode lasts on average, or null where none was seen."""
    dispersion: float = Field(ge=1)
    """Variance over mean of how many episodes a stretch of time holds; 1 where they keep no company."""

    @model_validator(mode="after")
    def _keeps_the_budget(self) -> Self:
        if not self.expected_low <= self.expected <= self.expected_high:
            raise ValueError("expected must lie between expected_low and expected_high")
        if self.expected_high > self.episodes:
            raise ValueError("expected_high must not exceed episodes, the budget")
        return self
