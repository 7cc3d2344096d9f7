"""One client's connection: uvicorn's, with the hot path in front of it, and with bounds on what a client may send or leave unread."""

import asyncio
from math import inf
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from service.access.guard import ADMITTED
from service.access.headers import security_lines
from service.connections import ConnectionBounds, Connections
from service.errors import BodyTimeoutError
from service.hot_path.exchange import Exchange
from service.hot_path.front import Front
from service.slow_reader import SlowReader
from service.turned_away import HEAD_BYTES, HEAD_TOO_LARGE, NO_REQUEST, TOO_MANY_CONNECTIONS, Said

HEAD_SECONDS = 30.0
# So much is parsed at a time, and nothing while requests wait for their turn: there may be one in every eighteen bytes,
# though none in what is left of a body.
PIECE_BYTES = 16 << 10
LINGER_SECONDS = 1.0
FRONT, CONNECTIONS = "front", "connections"  # where the application's lifespan leaves them


class _Intake(FlowControl):
    """Reads no more while something is held, though a request should wait for its body: that is in what is held."""

    is_held = False

    def resume_reading(self) -> None:
        if not self.is_held:
            super().resume_reading()


class Connection(HttpToolsProtocol):
    """Reads requests; answers those that its ``Front`` takes, and leaves the others to ASGI.

    Ends the connection where the head of a request is too long or takes too long to arrive, and where nobody reads the answer.
    """

    _unread = 0  # bytes since the last that belonged to a complete head or a body: of a head, or of trailers
    _patient_until = inf  # a time of the loop; one timer looks at it now and then, for setting one anew costs more
    _patience: asyncio.TimerHandle | None = None
    _is_idle = True
    _is_over = False  # it was told why, and what still comes is dropped
    _has_said_all = False
    _held = b""  # what has come in and is not yet parsed

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._front: Front | None = app_state.get(FRONT)
        self._connections: Connections | None = app_state.get(CONNECTIONS)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self._security = security_lines(is_encrypted=self.scheme == "https")
        self.flow = self._intake = _Intake(transport)
        bounds = ConnectionBounds() if self._connections is None else self._connections.bounds
        self._reader = SlowReader(transport, self.loop, bounds.unread_seconds)
        if self._connections is None or self._connections.opened(self):
            self._wait(HEAD_SECONDS)
        else:
            self._turn_away()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._patience is not None:
            self._patience.cancel()
        self._reader.stop()
        self._held = b""
        if self._connections is not None:
            self._connections.closed(self)
        super().connection_lost(exc)
        if isinstance(self.cycle, Exchange) and self.cycle.more_body:  # else it is told when its turn comes
            self.cycle.has_left()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reader.watch()

    def resume_writing(self) -> None:
        self._reader.stop()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        if self._is_over:
            return
        if len(data) <= self._piece and not self._held and not self.pipeline:
            self._parse(data)
        else:
            self._held += data
            self._parse_held()

    def eof_received(self) -> bool:  # type: ignore[override] # asyncio asks for an answer
        """Keep the connection for what it is owed: who sends no more may still read. TLS has no such half."""
        self._has_said_all = True
        return self.scheme != "https" and self._owes

    def _parse(self, data: bytes) -> None:
        self._unread += len(data)
        if self._is_idle:
            self._is_idle = False
            self._wait(HEAD_SECONDS)
        super().data_received(data)
        if self._unread > HEAD_BYTES and not self._has_ended:
            self._refuse()

    def _parse_held(self) -> None:
        """Parse what has come in until a request must wait for its turn; nothing more is read before that one is answered."""
        held = memoryview(self._held)
        self._held = b""
        start, self._intake.is_held = 0, False
        while start < len(held) and not self.pipeline and not self._has_ended:
            piece = held[start : start + self._piece]
            self._parse(bytes(piece))
            start += len(piece)
        if start < len(held) and not self._has_ended:
            self._held, self._intake.is_held = bytes(held[start:]), True
            self.flow.pause_reading()
        elif not self.pipeline:
            self.flow.resume_reading()
        self._leave_if_all_is_said()

    def on_headers_complete(self) -> None:
        self._unread = 0
        self._patient_until = inf
        if self._front is not None and not self._answering and not self.flow.write_paused:
            exchange = self._front.open(self, self.parser.get_method(), self.url, self.headers)
            if exchange is not None:
                exchange.keep_alive = self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive()
                self.cycle = exchange  # type: ignore[assignment] # it has what uvicorn asks of a cycle
                self._front.admit(exchange, self.url, self.client[0] if self.client else None)
                self._wait(self._front.body_seconds)
                return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        if isinstance(self.cycle, Exchange):
            self.cycle.awaited -= len(body)
            if not self.cycle.response_complete:  # what is refused is not kept
                self.cycle.body += body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._unread = 0
        self._patient_until = inf
        exchange = self.cycle
        if not isinstance(exchange, Exchange):
            super().on_message_complete()
        elif exchange.response_complete:
            self._rest()
        elif self._front is not None and not self._front.go_on(exchange):
            self.cycle = None  # type: ignore[assignment] # as uvicorn has it before the first request
            self.scope["state"][ADMITTED] = exchange.admitted
            super().on_headers_complete()
            super().on_body(bytes(exchange.body))
            super().on_message_complete()

    def answer(self, exchange: Exchange, status: int, headers: bytes, body: bytes) -> None:
        """Write the answer to ``exchange``; ``headers`` are lines."""
        if self._front is not None and self._front.draining.is_set():
            exchange.keep_alive = False
        dates = b"".join([b"%b: %b\r\n" % header for header in self.server_state.default_headers])
        self.transport.write(
            b"%b%b%b%bcontent-length: %d\r\nx-request-id: %b\r\n%b\r\n%b"
            % (
                STATUS_LINE[status],
                dates,
                self._security,
                headers,
                len(body),
                exchange.request_id.encode(),
                b"" if exchange.keep_alive else b"connection: close\r\n",
                body,
            )
        )
        if not exchange.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            self._reader.watch()
            return
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        else:
            self._rest()
        if self._held and not self.pipeline:
            self.loop.call_soon(self._parse_held)
        elif not self.pipeline:
            self.flow.resume_reading()
        self._leave_if_all_is_said()

    def _leave_if_all_is_said(self) -> None:
        if self._has_said_all and not self._owes:
            self.transport.close()
            self._reader.watch()

    def _rest(self) -> None:
        self._is_idle = True
        self._wait(self.timeout_keep_alive)

    def _wait(self, seconds: float) -> None:
        self._patient_until = self.loop.time() + seconds
        if self._patience is not None:
            if self._patience.when() <= self._patient_until:
                return
            self._patience.cancel()
        self._patience = self.loop.call_at(self._patient_until, self._look)

    def _look(self) -> None:
        """Give up what has been waited for too long."""
        self._patience = None
        if self._patient_until == inf or self.transport.is_closing():
            return
        if self._patient_until > self.loop.time():
            self._patience = self.loop.call_at(self._patient_until, self._look)
        elif not self._answering:  # of pipelined requests, the next may have begun
            self.transport.close()
            self._reader.watch()
        elif isinstance(self.cycle, Exchange) and self._front is not None:
            self.cycle.keep_alive = False
            self.cycle.fail(BodyTimeoutError(f"the body must arrive within {self._front.body_seconds:g} seconds"))

    def _refuse(self) -> None:
        self.logger.warning("closed a connection: the head of its request is too large")
        self._end(HEAD_TOO_LARGE)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words
        self._end(NO_REQUEST)

    def _turn_away(self) -> None:
        self._end(TOO_MANY_CONNECTIONS)

    def _end(self, said: Said) -> None:
        """Answer what is no request, unless it would be taken for the answer to the one before; then close.

        What still comes is read for a moment and dropped: to close before it would take the answer back.
        """
        if self._has_ended:
            return
        self._is_over = True
        if self._answering:
            self.transport.close()
            self._reader.watch()
            return
        self.transport.write(
            b"HTTP/1.1 %b\r\ncontent-type: application/json\r\n%bcontent-length: %d\r\nconnection: close\r\n\r\n%b"
            % (said.status, self._security, len(said.body), said.body)
        )
        self._wait(LINGER_SECONDS)

    @property
    def _piece(self) -> int:
        """How many bytes may be parsed at once."""
        return max(PIECE_BYTES, self.cycle.awaited) if isinstance(self.cycle, Exchange) else PIECE_BYTES

    @property
    def _has_ended(self) -> bool:
        return self._is_over or self.transport.is_closing()

    @property
    def _owes(self) -> bool:
        """Whether a request has come in whole, or may have, and is not answered."""
        return bool(self._held or self.pipeline) or (self._answering and not self.cycle.more_body)

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete
