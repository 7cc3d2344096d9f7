"""An OTLP/HTTP receiver, as a collector is one: what it was sent, decoded by the standard's own messages."""

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Received:
    """A span, and the attributes of the process that sent it."""

    span: Span
    process: dict[str, Any]

    @property
    def attributes(self) -> dict[str, Any]:
        return plain(self.span.attributes)


@dataclass
class Receiver:
    """What has come in so far."""

    url: str
    spans: list[Received] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def wait_for(self, count: int) -> list[Received]:
        """Give the spans once there are ``count``."""
        end = time.monotonic() + PATIENCE_SECONDS
        while len(self.spans) < count:
            assert time.monotonic() < end, f"{len(self.spans)} spans of {count} came"
            time.sleep(0.02)
        return self.spans

    def of_request(self, request_id: str) -> Received:
        """Give the only span of a request, waiting for it."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            found = [one for one in self.spans if one.attributes["plumbline.request_id"] == request_id]
            if found:
                assert len(found) == 1
                return found[0]
            assert time.monotonic() < end, f"no span of {request_id} came"
            time.sleep(0.02)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive traces on a free port while the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            receiver.paths.append(self.path)
            receiver.headers.append({name.lower(): value for name, value in self.headers.items()})
            for sent in ExportTraceServiceRequest.FromString(body).resource_spans:
                process = plain(sent.resource.attributes)
                receiver.spans += [Received(span, process) for scope in sent.scope_spans for span in scope.spans]
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


def plain(attributes: Any) -> dict[str, Any]:
    return {one.key: _value(one) for one in attributes}


def _value(one: KeyValue) -> object:
    return getattr(one.value, one.value.WhichOneof("value") or "string_value")
