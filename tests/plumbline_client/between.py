"""What may stand between a client and the service: a server that answers by a script, and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic

OVERLOADED = {"error": {"code": "overloaded", "message": "more requests wait than can be answered", "details": {}}}


@dataclass(frozen=True)
class Scripted:
    """One answer; with ``status`` None the connection is closed without one."""

    status: int | None = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(status: int, answer: object, **headers: str) -> "Scripted":
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Scripted(status, json.dumps(answer).encode(), named)


@dataclass
class Script:
    """Where the server is, what it has been asked, and when."""

    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)


@contextmanager
def answering(*answers: Scripted) -> Iterator[Script]:
    """Serve ``answers``, one a request, the last one again and again."""
    script, left = Script(), [*answers]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            script.asked.append({name.lower(): value for name, value in self.headers.items()} | {"path": self.path})
            script.times.append(monotonic())
            answer = left.pop(0) if len(left) > 1 else left[0]
            if answer.status is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_GET  # noqa: N815  as http.server has it

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        script.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
