"""The configuration's section on alarms: how the verdicts of a stream become them."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from model.alarm.rule import LONGEST_DELAY, MOST_REMEMBERED


class AlarmConfig(BaseModel):
    """When an alarm is raised and cleared, counted in rows; ``model/alarm/rule.py`` says what each means."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    k: int = Field(default=1, ge=1, le=MOST_REMEMBERED, description="anomalies among the last n rows raise an alarm")
    n: int = Field(default=1, ge=1, le=MOST_REMEMBERED)
    on_delay: int = Field(
        default=1, ge=1, le=LONGEST_DELAY, description="rows for which k of n must hold: a minimum duration"
    )
    off_delay: int = Field(default=5, ge=1, le=LONGEST_DELAY, description="quiet rows that clear the alarm")
    hysteresis: float = Field(
        default=2.0, ge=1, le=100, description="a row is quiet at a score that so many times as many clean rows exceed"
    )
    unjudged_after: int = Field(default=10, ge=1, le=LONGEST_DELAY, description="invalid rows that are told as such")

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if self.k > self.n:
            raise ValueError(f"k ({self.k}) must not be above n ({self.n}): an alarm takes k anomalies among n rows")
        return self
