"""When verdicts become an alarm, and when it ends: what a bundle says of it, and what came of it on clean data.

What the rule does row by row: ``model/alarm/condition.py``.
"""

from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MOST_REMEMBERED: Final = 1_000
LONGEST_DELAY: Final = 100_000


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


class AlarmRule(_Section):
    """An alarm is raised after ``k`` anomalies among ``n`` rows, and cleared after ``off_delay`` quiet ones.

    On delay, off delay and deadband are those of ANSI/ISA-18.2, counted in rows.
    """

    k: int = Field(ge=1, le=MOST_REMEMBERED)
    """How many of the last ``n`` rows must be anomalies for an alarm; MUST NOT be above ``n``."""
    n: int = Field(ge=1, le=MOST_REMEMBERED)
    """Of how many rows, those that could be judged."""
    on_delay: int = Field(default=1, ge=1, le=LONGEST_DELAY)
    """For how many rows, one after the other, that must hold before the alarm is raised; 1: at once."""
    off_delay: int = Field(default=1, ge=1, le=LONGEST_DELAY)
    """How many quiet rows, one after the other, clear the alarm."""
    clear_threshold: float = Field(ge=0)
    """The score that a quiet row does not exceed; not above the bundle's threshold."""
    hysteresis: float = Field(default=1, ge=1)
    """How many times as many clean samples may score above ``clear_threshold`` as above the threshold."""
    unjudged_after: int = Field(default=10, ge=1, le=LONGEST_DELAY)
    """After how many invalid rows, one after the other, a stream counts as unjudged, those filling a window aside."""

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if self.k > self.n:
            raise ValueError(f"k ({self.k}) must not be above n ({self.n}): an alarm takes k anomalies among n rows")
        return self


class CleanAlarms(_Section):
    """What an operator would have seen of the clean calibration rows, in time order."""

    annunciations: int = Field(ge=0)
    """The alarms raised."""
    runs: int = Field(ge=0)
    """The runs of anomalies, which would each have been an alarm without the rule."""


class Alarm(_Section):
    """The rule, and what came of it on clean rows, or null where their order in time is not known."""

    rule: AlarmRule
    """When an alarm is raised and cleared."""
    clean: CleanAlarms | None = None
    """False alarms among the calibration rows; null where their order in time is not known."""
