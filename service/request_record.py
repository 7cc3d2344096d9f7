"""One record of each request: its id in and out, its log line, its duration, and the answer when we are at fault."""

import asyncio
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from secrets import token_hex
from time import perf_counter

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access.headers import security_headers
from service.error_answer import internal_error
from service.tally import Tally
from service.tracing.parent import parent_in

HEADER = b"x-request-id"
ACCEPTED = re.compile(rb"[A-Za-z0-9._-]{1,128}")
CLOSED_EARLY = 499  # as nginx has it: nobody was left to answer
OTHER_ROUTE = "other"

log = logging.getLogger("plumbline.request")

# An id of our own says nothing: a word drawn by the process, and a number.
_PROCESS, _NUMBERS = token_hex(10), count()


@dataclass
class RequestRecord:
    """What is known of a request so far; routes add ``fields`` for its log line."""

    request_id: str
    status: int = CLOSED_EARLY
    fields: dict[str, object] = field(default_factory=dict)


class RecordRequests:
    """ASGI middleware that keeps a ``RequestRecord`` in ``request.state.record``.

    Once ``draining`` is set, every answer is the last of its connection.
    """

    def __init__(self, app: ASGIApp, tally: Tally, draining: asyncio.Event) -> None:
        self._app, self._tally, self._draining = app, tally, draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        record = RequestRecord(request_id(scope["headers"]))
        scope.setdefault("state", {})["record"] = record
        secure = security_headers(scope["path"], is_encrypted=scope["scheme"] == "https")
        started = False

        async def send_recorded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                record.status = message["status"]
                message["headers"] = [*message.get("headers", ()), (HEADER, record.request_id.encode()), *secure]
                if self._draining.is_set():
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        start = perf_counter()
        try:
            await self._app(scope, receive, send_recorded)
        except ClientDisconnect:
            record.fields["reason"] = "the client closed the connection"
        except Exception:
            log.exception("internal error", extra={"fields": {"request_id": record.request_id}})
            if started:
                raise
            await internal_error(record.request_id, scope["path"])(scope, receive, send_recorded)
        finally:
            self._close(scope, record, perf_counter() - start)

    def _close(self, scope: Scope, record: RequestRecord, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", OTHER_ROUTE)
        fields = {"request_id": record.request_id, "method": scope["method"], **record.fields}
        self._tally.tell(fields, route, record.status, seconds, parent_in(scope["headers"]))


def request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Take a request's id from its headers, or give it one."""
    for name, value in headers:
        if name == HEADER and ACCEPTED.fullmatch(value):
            return value.decode()
    return new_request_id()


def new_request_id() -> str:
    return f"{_PROCESS}{next(_NUMBERS):012x}"
