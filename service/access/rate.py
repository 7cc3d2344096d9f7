"""Rates, as the generic cell rate algorithm has them: what is due when, and how far ahead of it one may be."""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Rate:
    """So many ``per_second`` in the long run, and ``burst`` of them at once."""

    per_second: float
    burst: float

    @cached_property
    def interval(self) -> float:
        """Seconds that one takes."""
        return 1.0 / self.per_second

    @cached_property
    def tolerance(self) -> float:
        """Seconds that one may come before it is due."""
        return (self.burst - 1.0) * self.interval


def rate_of(per_second: float | None, burst: float | None = None) -> Rate | None:
    """Make a rate; without a ``burst``, what comes in one second may come at once."""
    return None if per_second is None else Rate(per_second, max(1.0, burst or per_second))
