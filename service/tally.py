"""What happened in the last moments, told to Prometheus and the log at once: told one by one, it would cost more than a score."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping
from time import time_ns
from typing import TYPE_CHECKING

from model.scorer import Scores
from service.logs import REQUESTS
from service.metrics import Metrics
from service.registry.models import ServedModel
from service.tracing.parent import TraceParent

if TYPE_CHECKING:  # where no traces are asked for, nothing of theirs is loaded
    from service.tracing.traces import Traces

SECONDS = 0.02

log = logging.getLogger("plumbline.request")

_Line = dict[str, object]


class Tally:
    """Tells metrics, the log and traces, if there are any, of batches that were scored and requests that were answered."""

    def __init__(self, metrics: Metrics, traces: "Traces | None" = None) -> None:
        self._metrics, self._traces = metrics, traces
        self._batches: dict[str, tuple[ServedModel, list[tuple[Scores, float]]]] = {}  # by digest
        self._seconds: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
        self._lines: list[Mapping[str, object]] = []
        self._spans: list[tuple[_Line, int, TraceParent | None]] = []
        self._depths: dict[str, int] = {}
        self._waits_on: asyncio.AbstractEventLoop | None = None

    def tell(
        self, fields: Mapping[str, object], route: str, status: int, seconds: float, parent: TraceParent | None = None
    ) -> None:
        """Tell of one request, now. ``fields`` begin with its id and its method; ``parent`` is the span it was made in."""
        self._metrics.observe_requests(route, status, [seconds])
        line = _line(fields, route, status, seconds, parent)
        if self._traces is not None:
            _trace(self._traces, line, time_ns(), parent)
        log.info("request", extra={"fields": line})

    def answered(
        self, fields: Mapping[str, object], route: str, status: int, seconds: float, parent: TraceParent | None = None
    ) -> None:
        """Note a request, of which ``flush`` tells."""
        self._seconds[route, status].append(seconds)
        is_logged = log.isEnabledFor(logging.INFO)
        if is_logged or self._traces is not None:
            line = _line(fields, route, status, seconds, parent)
            if is_logged:
                self._lines.append(line)
            if self._traces is not None:
                self._spans.append((line, time_ns(), parent))
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
        if self._traces is not None:
            for line, ended, parent in self._spans:
                _trace(self._traces, line, ended, parent)
            self._spans.clear()
        if self._lines:
            log.info("request", extra={REQUESTS: self._lines})
            self._lines = []

    def _flush_soon(self) -> None:
        loop = asyncio.get_running_loop()
        if self._waits_on is not loop:
            self._waits_on = loop
            loop.call_later(SECONDS, self.flush)


def _line(fields: Mapping[str, object], route: str, status: int, seconds: float, parent: TraceParent | None) -> _Line:
    line = {"route": route, "status": status, "duration_ms": round(seconds * 1e3, 3), **fields}
    if parent is not None:
        line["trace_id"] = parent.trace_id
    return line


def _trace(traces: "Traces", line: _Line, ended: int, parent: TraceParent | None) -> None:
    trace_id = traces.add(line, ended, parent)
    if trace_id is not None:
        line["trace_id"] = trace_id
