"""One span for each request, to an OTLP receiver, in batches and from a thread. Imported only where traces are asked for."""

import logging
import os
from collections.abc import Mapping
from threading import Thread

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.util.types import AttributeValue

from model.errors import InputError
from service.tracing.destination import BY_ENVIRONMENT
from service.tracing.parent import TraceParent

# What is left is sent when the service ends, for no longer than this: a receiver may be down, and somebody waits.
CLOSE_SECONDS = 3.0
OTHER_ROUTE = "other"
# What a log line knows, under the standard's names where it has one.
ATTRIBUTES = {
    "method": "http.request.method",
    "status": "http.response.status_code",
    "request_id": "plumbline.request_id",
    "model": "plumbline.model",
    "version": "plumbline.version",
    "samples": "plumbline.samples",
    "stream": "plumbline.stream",
    "error": "plumbline.error",
    "key": "plumbline.key",
}

log = logging.getLogger("plumbline.traces")


class Traces:
    """Sends spans to ``destination``: a URL, or what ``OTEL_EXPORTER_OTLP_*`` say. Their sampler and batches hold, too.

    Raises:
        InputError: one of these variables cannot be used.
    """

    def __init__(self, destination: str, version: str) -> None:
        own = Resource.create().merge(Resource({"service.name": "plumbline", "service.version": version}))
        resource = own.merge(Resource({"process.pid": os.getpid()})).merge(OTELResourceDetector().detect())
        try:
            exporter = OTLPSpanExporter(None if destination == BY_ENVIRONMENT else destination)
            self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
            self._provider.add_span_processor(BatchSpanProcessor(exporter))
        except (ValueError, OSError) as error:
            raise InputError(f"traces cannot be sent as the OTEL_* variables say: {error}") from error
        self._tracer = self._provider.get_tracer("plumbline.service", version)

    def add(self, line: Mapping[str, object], ended: int, parent: TraceParent | None) -> str | None:
        """Make a span of a request that ``line`` of the log tells of; ``ended`` in ns since 1970. Gives its trace's id."""
        span = self._tracer.start_span(
            _name(line),
            context=_context(parent),
            kind=SpanKind.SERVER,
            attributes=_attributes(line),
            start_time=ended - round(float(str(line["duration_ms"])) * 1e6),
        )
        if _is_error(line):
            span.set_status(Status(StatusCode.ERROR))
        span.end(ended)
        context = span.get_span_context()
        return f"{context.trace_id:032x}" if context.is_valid else None

    def close(self) -> None:
        """Send what is left."""
        sending = Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        sending.join(CLOSE_SECONDS)
        if sending.is_alive():
            log.warning("the last traces could not be sent within %g seconds", CLOSE_SECONDS)


def _name(line: Mapping[str, object]) -> str:
    """Name the span as the semantic conventions do: no path of a client's making is part of it."""
    return str(line["method"]) if line["route"] == OTHER_ROUTE else f"{line['method']} {line['route']}"


def _context(parent: TraceParent | None) -> Context:
    if parent is None:
        return Context()
    flags = TraceFlags(parent.flags)
    remote = SpanContext(int(parent.trace_id, 16), int(parent.span_id, 16), is_remote=True, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(remote), Context())


def _attributes(line: Mapping[str, object]) -> dict[str, AttributeValue]:
    attributes: dict[str, AttributeValue] = {}
    for field, attribute in ATTRIBUTES.items():
        value = line.get(field)
        if isinstance(value, str | int):
            attributes[attribute] = value
    if line["route"] != OTHER_ROUTE:
        attributes["http.route"] = str(line["route"])
    if _is_error(line):
        attributes["error.type"] = str(line.get("error", line["status"]))
    return attributes


def _is_error(line: Mapping[str, object]) -> bool:
    """Say whether the fault was ours; that of a client is none of a server's span."""
    return int(str(line["status"])) >= 500
