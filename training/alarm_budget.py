"""What an operator asks for, ``2 per month`` of samples ``1s`` apart, read from text."""

import re
from dataclasses import dataclass

from model.alarm_budget import SECONDS, Period
from model.quoting import quoted

_NUMBER = r"(\d{1,9}(?:\.\d{1,9})?)"
_BUDGET = re.compile(_NUMBER + r"\s*(?:per\s|an?\s|/)\s*([a-z]{1,10})", re.IGNORECASE)
_INTERVAL = re.compile(_NUMBER + r"\s*([a-z]{1,12})", re.IGNORECASE)
_PERIODS: dict[str, Period] = {period: period for period in SECONDS}
_UNITS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3_600.0),
    **dict.fromkeys(("d", "day", "days"), 86_400.0),
}


@dataclass(frozen=True)
class AskedBudget:
    """At most ``episodes`` in a ``period``, samples being ``interval`` seconds apart."""

    episodes: float
    period: Period
    interval: float

    @property
    def per_sample(self) -> float:
        """Return the episodes that one sample may start, on average."""
        return self.episodes * self.interval / SECONDS[self.period]

    def __str__(self) -> str:
        return f"{self.episodes:g} per {self.period}"


def parse_budget(text: str, interval: str) -> AskedBudget:
    """Read a budget of episodes (``2 per month``) and the sampling interval (``500ms``, ``2 min``).

    Raises:
        ValueError: says which of them cannot be read, and how it may look.
    """
    found = _BUDGET.fullmatch(text.strip())
    period = _PERIODS.get(found[2].lower()) if found else None
    if found is None or period is None:
        raise ValueError(
            f"an alarm budget is a number per {', '.join(SECONDS)}, such as '2 per month', found {quoted(text)}"
        )
    if float(found[1]) == 0:
        raise ValueError(
            "an alarm budget of none cannot be promised by any number of clean samples; allow a few a year"
        )
    return AskedBudget(float(found[1]), period, interval_seconds(interval))


def interval_seconds(text: str) -> float:
    """Read a sampling interval.

    Raises:
        ValueError: says how it may look.
    """
    found = _INTERVAL.fullmatch(text.strip())
    unit = _UNITS.get(found[2].lower()) if found else None
    if found is None or unit is None or float(found[1]) == 0:
        raise ValueError(
            "a sampling interval is a number above 0 and a unit (ms, s, min, h, d), such as '500ms' or '2 min', "
            f"found {quoted(text)}"
        )
    return float(found[1]) * unit


def duration(seconds: float) -> str:
    """Say how long ``seconds`` are in the unit that suits: ``4.6 months``."""
    sizes: dict[str, float] = {"second": 1.0, "minute": 60.0, **{period: SECONDS[period] for period in SECONDS}}
    unit = next((name for name in reversed(sizes) if seconds >= 2 * sizes[name] and name != "shift"), "second")
    return f"{seconds / sizes[unit]:.3g} {unit}s"
