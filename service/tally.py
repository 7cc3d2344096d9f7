"""What happened in the last moments, told to Prometheus and the log at once: told one by one, it would cost more than a score."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping

from model.scorer import Scores
from service.logs import REQUESTS
from service.metrics import Metrics
from service.registry.models import ServedModel

SECONDS = 0.02

log = logging.getLogger("plumbline.request")


class Tally:
    """Tells metrics and the log of batches that were scored and of requests that were answered."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._batches: dict[str, tuple[ServedModel, list[tuple[Scores, float]]]] = {}  # by digest
        self._seconds: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
        self._lines: list[Mapping[str, object]] = []
        self._depths: dict[str, int] = {}
        self._waits_on: asyncio.AbstractEventLoop | None = None

    def tell(self, fields: Mapping[str, object], route: str, status: int, seconds: float) -> None:
        """Tell of one request, now. ``fields`` begin with its id and its method."""
        self._metrics.observe_requests(route, status, [seconds])
        log.info("request", extra={"fields": _line(fields, route, status, seconds)})

    def answered(self, fields: Mapping[str, object], route: str, status: int, seconds: float) -> None:
        """Note a request, of which ``flush`` tells."""
        self._seconds[route, status].append(seconds)
        if log.isEnabledFor(logging.INFO):
            self._lines.append(_line(fields, route, status, seconds))
        self._flush_soon()

    def scored(self, model: ServedModel, scores: Scores, seconds: float) -> None:
        """Note a batch that took ``seconds``, of which ``flush`` tells."""
        noted = self._batches.get(model.digest)
        if noted is None:
            noted = self._batches[model.digest] = (model, [])
        noted[1].append((scores, seconds))
        self._flush_soon()

    def left_waiting(self, model: str, depth: int) -> None:
        """Note how many requests wait for a model, of which ``flush`` tells."""
        self._depths[model] = depth

    def flush(self) -> None:
        """Tell of all that was noted."""
        self._waits_on = None
        for model, batches in self._batches.values():
            self._metrics.observe_batches(model, batches)
        self._batches.clear()
        for name, depth in self._depths.items():
            self._metrics.observe_queue(name, depth)
        self._depths.clear()
        for (route, status), seconds in self._seconds.items():
            self._metrics.observe_requests(route, status, seconds)
        self._seconds.clear()
        if self._lines:
            log.info("request", extra={REQUESTS: self._lines})
            self._lines = []

    def _flush_soon(self) -> None:
        loop = asyncio.get_running_loop()
        if self._waits_on is not loop:
            self._waits_on = loop
            loop.call_later(SECONDS, self.flush)


def _line(fields: Mapping[str, object], route: str, status: int, seconds: float) -> dict[str, object]:
    return {"route": route, "status": status, "duration_ms": round(seconds * 1e3, 3), **fields}
