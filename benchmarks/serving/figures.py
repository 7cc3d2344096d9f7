"""What a server did under one load, and how two servers compare, round by round."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Name = Literal["rate", "p50_ms", "p99_ms", "cpu_us"]


@dataclass(frozen=True)
class Figures:
    """Requests per second, quantiles of the latency, CPU time per request of all the server's processes.

    ``others`` is how much CPU time others took meanwhile, in cores.
    """

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    others: float

    def get(self, name: Name) -> float:
        value: float = getattr(self, name)
        return value


def median_figures(rounds: Sequence[Figures]) -> Figures:
    """Take the median over rounds of each figure by itself."""
    return Figures(
        rate=statistics.median(figures.rate for figures in rounds),
        p50_ms=statistics.median(figures.p50_ms for figures in rounds),
        p99_ms=statistics.median(figures.p99_ms for figures in rounds),
        cpu_us=statistics.median(figures.cpu_us for figures in rounds),
        others=statistics.median(figures.others for figures in rounds),
    )


def median_ratio(ours: Sequence[Figures], theirs: Sequence[Figures], name: Name) -> float:
    """Take the median over rounds of one figure of ours to theirs: within a round, the machine was the same for both."""
    return statistics.median(one.get(name) / other.get(name) for one, other in zip(ours, theirs, strict=True))
