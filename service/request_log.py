"""What is counted of requests that were answered, and the line of log that each gets: one by one, or many at once."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping

from service.logs import REQUESTS
from service.metrics import Metrics

log = logging.getLogger("plumbline.request")


class RequestLog:
    """Tells metrics and the log of every request that was answered."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._seconds: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
        self._lines: list[Mapping[str, object]] = []
        self._called = False

    def tell(self, fields: Mapping[str, object], route: str, status: int, seconds: float) -> None:
        """Tell of one request, now. ``fields`` begin with its id and its method."""
        self._metrics.observe_requests(route, status, [seconds])
        log.info("request", extra={"fields": _line(fields, route, status, seconds)})

    def tell_soon(self, fields: Mapping[str, object], route: str, status: int, seconds: float) -> None:
        """Tell of a request with all those that are answered in this turn of the event loop."""
        self._seconds[route, status].append(seconds)
        if log.isEnabledFor(logging.INFO):
            self._lines.append(_line(fields, route, status, seconds))
        if not self._called:
            self._called = True
            asyncio.get_running_loop().call_soon(self._tell_all)

    def _tell_all(self) -> None:
        self._called = False
        for (route, status), seconds in self._seconds.items():
            self._metrics.observe_requests(route, status, seconds)
        self._seconds.clear()
        if self._lines:
            log.info("request", extra={REQUESTS: self._lines})
            self._lines = []


def _line(fields: Mapping[str, object], route: str, status: int, seconds: float) -> dict[str, object]:
    return {"route": route, "status": status, "duration_ms": round(seconds * 1e3, 3), **fields}
