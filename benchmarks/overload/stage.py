"""One load that was offered for some time, in figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.overload.arrivals import GOOD, Outcomes


@dataclass(frozen=True)
class Stage:
    """What came of ``times`` the ``peak``, requests a second; ``timeout`` is what each request said in ``X-Request-Timeout``, if anything.

    ``statuses`` count every request that was due: 0 where the connection broke, "crowded" where none was free. Latencies count from when a
    request was due; ``lag_p99_ms`` is how much later the generator sent it.
    """

    times: float
    timeout: float | None
    offered: float
    peak: float
    goodput: float
    p50_ms: float
    p99_ms: float
    refused_p99_ms: float | None
    lag_p99_ms: float
    statuses: Mapping[str, int]


def stage_of(times: float, timeout: float | None, offered: float, peak: float, outcomes: Outcomes) -> Stage:
    """Sum up."""
    good = outcomes.latencies.get(GOOD, [])
    refused = [value for status, latencies in outcomes.latencies.items() if status >= 400 for value in latencies]
    statuses = {str(status): count for status, count in sorted(outcomes.counts.items())}
    if outcomes.crowded:
        statuses["crowded"] = outcomes.crowded
    return Stage(
        times,
        timeout,
        offered,
        peak,
        outcomes.goodput,
        _quantile_ms(good, 0.5),
        _quantile_ms(good, 0.99),
        _quantile_ms(refused, 0.99) if refused else None,
        _quantile_ms(outcomes.lags, 0.99),
        statuses,
    )


def _quantile_ms(seconds: Sequence[float], part: float) -> float:
    return float(np.quantile(seconds, part)) * 1e3 if seconds else float("nan")
