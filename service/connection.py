"""One client's connection: uvicorn's, with bounds on what it may send, and for how long, before there is a request."""

import asyncio

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.answers import ErrorAnswer

# The parser gathers what is no body in memory, at a cost that grows with its square.
HEAD_BYTES = 64 << 10
HEAD_SECONDS = 30.0

_TOO_LARGE: ErrorAnswer = {
    "error": {
        "code": "head_too_large",
        "message": f"path and headers have more than {HEAD_BYTES:,} bytes",
        "details": {"max_bytes": HEAD_BYTES},
    }
}


class Connection(HttpToolsProtocol):
    """Reads requests; ends the connection where the head of one is too long, or takes too long to arrive."""

    _unread = 0  # bytes since the last that belonged to a complete head or a body: of a head, or of trailers
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unread += len(data)
        super().data_received(data)
        if self._unread > HEAD_BYTES and not self.transport.is_closing():
            self._refuse()

    def on_headers_complete(self) -> None:
        self._unread = 0
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unread = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._await_head()

    def _await_head(self) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            self._patience = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        if not self._answering:  # of pipelined requests, the next may have begun
            self.transport.close()

    def _refuse(self) -> None:
        self.logger.warning("closed a connection: the head of its request is too large")
        if not self._answering:
            body = orjson.dumps(_TOO_LARGE)
            self.transport.write(
                b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/json\r\n"
                b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (len(body), body)
            )
        self.transport.close()

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete
