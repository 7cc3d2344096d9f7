"""One request to score samples and its answer, as they come off a connection and go back to it, outside of ASGI."""

from asyncio import Event
from collections.abc import Callable, Mapping
from functools import lru_cache
from time import perf_counter
from typing import Protocol

from starlette.responses import Response

from model.scorer import VERDICTS
from service.access.admitted import ANYBODY, Admitted
from service.error_answer import STATUS, answer_to, internal_error
from service.errors import AccessError, OverloadedError, RequestError
from service.hot_path.line import Batch, Samples
from service.registry.models import ServedModel
from service.request_record import CLOSED_EARLY, new_request_id, request_id
from service.request_record import HEADER as ID
from service.scoring import verdict_counts
from service.tally import Tally
from service.tracing.parent import HEADER as PARENT
from service.tracing.parent import parent_in

Headers = list[tuple[bytes, bytes]]

_NAMES = tuple(verdict.value for verdict in VERDICTS)
_NOBODY_WAITS = Event()  # for a body that comes in parts; here, it is taken when it is whole


class Wire(Protocol):
    """The connection that a request came on."""

    def answer(self, exchange: "Exchange", status: int, headers: bytes, body: bytes) -> None: ...


# Writes the answer to the request of an id, the lines of its headers and its body, from rows ``start`` to ``stop`` of a batch.
Write = Callable[[str, Batch, int, int], tuple[bytes, bytes]]
# What a request asks, whatever form it came in.
Asked = tuple[Samples, Write]


class Exchange:
    """A request on the hot path, and what is told of it. uvicorn asks its connection for the last six attributes.

    ``said`` is ``headers`` by name: what is not there, as most often, need not be looked for.
    """

    def __init__(
        self,
        wire: Wire,
        tally: Tally,
        route: str,
        model: ServedModel,
        kind: str,
        headers: Headers,
        said: Mapping[bytes, bytes],
        deadline: float,
        body_bytes: int,
    ) -> None:
        self.wire, self.tally, self.model = wire, tally, model
        self.route = route  # as good as the path where an error is written in the form of its clients
        self.kind, self.headers, self.deadline = kind, headers, deadline
        self.awaited = body_bytes  # of the body, less what has come
        self.request_id = request_id(headers) if ID in said else new_request_id()
        self.parent = parent_in(headers) if PARENT in said else None
        self.arrived = perf_counter()
        self.admitted: Admitted = ANYBODY
        self.write: Write | None = None  # known once it has come in whole

        self.body = bytearray()
        self.more_body = True
        self.keep_alive = True
        self.response_complete = False
        self.disconnected = False
        self.message_event = _NOBODY_WAITS

    def take(self, batch: Batch, start: int, stop: int) -> None:
        """Answer with rows ``start`` to ``stop`` of ``batch``."""
        if self.write is None:
            raise ValueError("it has not come in whole")
        model, rows, verdict = batch.model, stop - start, batch.scores.verdict
        one = rows == 1  # as most are
        verdicts = {_NAMES[verdict[start]]: 1} if one else verdict_counts(verdict[start:stop])
        fields = {"model": model.name, "version": model.version, "samples": rows, "verdicts": verdicts}
        self._answer(200, *self.write(self.request_id, batch, start, stop), fields)

    def fail(self, error: BaseException) -> None:
        """Answer that there are no scores, and why."""
        if isinstance(error, OverloadedError):  # told many at a time, and when there is no time
            self._answer(*_overloaded(str(error), self.route), {"error": STATUS[OverloadedError][1]})
        elif isinstance(error, RequestError):
            key = {"key": error.key} if isinstance(error, AccessError) and error.key else {}
            self._refuse(answer_to(error, self.route), {"error": STATUS[type(error)][1], **key})
        else:  # logged by whom it befell
            self._refuse(internal_error(self.request_id, self.route), {"error": "internal_error"})

    def has_left(self) -> bool:
        """Say whether the client has gone away, and write that down."""
        if self.disconnected and not self.response_complete:
            self.response_complete = True
            self._tell(CLOSED_EARLY, {"reason": "the client closed the connection"})
        return self.disconnected

    def _refuse(self, response: Response, fields: dict[str, object]) -> None:
        self._answer(*_written(response), fields)

    def _answer(self, status: int, headers: bytes, body: bytes, fields: dict[str, object]) -> None:
        if self.has_left():
            return
        self.response_complete = True
        self.wire.answer(self, status, headers, body)
        self._tell(status, fields)

    def _tell(self, status: int, fields: dict[str, object]) -> None:
        known = {"request_id": self.request_id, "method": "POST", **fields}
        if self.admitted.name is not None:
            known["key"] = self.admitted.name
        self.tally.answered(known, self.route, status, perf_counter() - self.arrived, self.parent)


def _written(response: Response) -> tuple[int, bytes, bytes]:
    headers = b"".join(b"%b: %b\r\n" % header for header in response.raw_headers if header[0] != b"content-length")
    return response.status_code, headers, bytes(response.body)


@lru_cache(maxsize=64)
def _overloaded(message: str, route: str) -> tuple[int, bytes, bytes]:
    return _written(answer_to(OverloadedError(message), route))
