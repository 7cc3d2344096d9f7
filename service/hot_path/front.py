"""The front of the service: which requests are answered as they come off the connection, before ASGI and its router.

It takes what is common: rows to be scored, in a body of moderate length. Everything else, and whatever another server
than ours hands over, is answered by the application's routes, with the same reader, dispatcher and writer.
"""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType

from service.access.access import Access
from service.errors import RequestError
from service.formats.accept import wants_arrow
from service.formats.arrow_messages import ARROW
from service.formats.raw_floats import RAW
from service.formats.request import body_type, read_request
from service.hot_path.deadline import deadline_of
from service.hot_path.dispatcher import Dispatcher
from service.hot_path.exchange import Exchange, Headers, Wire
from service.hot_path.line import Waiting
from service.hot_path.plain import read_plain
from service.limits import Limits
from service.registry.models import Models
from service.request_body import JSON
from service.sample_request import INLINE_BYTES, may_explain
from service.tally import Tally

# A longer body is read by a thread, see ``service/sample_routes.py``.
BODY_BYTES = 512 << 10
DEFAULT, PREFIX, SUFFIX = b"/score", b"/models/", b"/score"
NAMED_ROUTE = "/models/{name}/score"

_JSON = JSON.encode()
_OTHERWISE = frozenset((b"transfer-encoding", b"content-encoding", b"expect", b"upgrade"))
_NONE: Mapping[int, str] = MappingProxyType({})


class Front:
    """Answers score requests from the connection's own bytes."""

    def __init__(
        self,
        models: Models,
        limits: Limits,
        dispatcher: Dispatcher,
        access: Access,
        tally: Tally,
        draining: asyncio.Event,
    ) -> None:
        self._models, self._limits, self._dispatcher, self._tally = models, limits, dispatcher, tally
        self._access = access
        self.draining = draining
        self.body_seconds = limits.body_seconds

    def open(self, wire: Wire, method: bytes, url: bytes, headers: Headers) -> Exchange | None:
        """Begin to answer a request by what its head says; None leaves it to the application."""
        if method != b"POST" or not url.endswith(SUFFIX):
            return None
        said = dict(headers)
        length = said.get(b"content-length", b"")
        if (
            not length.isdigit()
            or int(length) > min(BODY_BYTES, self._limits.body_bytes)
            or not _OTHERWISE.isdisjoint(said)
        ):
            return None
        try:
            model = self._models.default() if url == DEFAULT else self._models.get(_name(url))
            kind = JSON if said.get(b"content-type") == _JSON else body_type(headers)
            deadline = deadline_of(headers, self._limits.request_seconds)
        except RequestError:
            return None
        # Arrow is read and written by threads: it takes long, and its library, when first asked for, longer still.
        if model.manifest.image is not None or kind == ARROW or (b"accept" in said and wants_arrow(headers)):
            return None
        route = DEFAULT.decode() if url == DEFAULT else NAMED_ROUTE
        return Exchange(wire, self._tally, route, model, kind, headers, deadline, int(length))

    def admit(self, exchange: Exchange, url: bytes, client: str | None) -> None:
        """Refuse a request, before its body is read, that may not be made or could not be answered soon."""
        try:
            exchange.admitted = self._access.admit("POST", url.decode("latin-1"), exchange.headers, client)
            self._dispatcher.admit(exchange.model, exchange.deadline)
        except RequestError as error:
            exchange.fail(error)

    def go_on(self, exchange: Exchange) -> bool:
        """Score what has come in whole; False leaves it to the application."""
        exchange.more_body = False
        body, model = bytes(exchange.body), exchange.model
        is_json = exchange.kind == JSON
        plain = read_plain(body, len(model.spec), self._limits.samples, model.steps) if is_json else None
        if plain is not None:
            exchange.ids = plain.ids
            values, rows, unreadable = plain.values, plain.rows, _NONE
        elif (is_json and may_explain(body)) or (exchange.kind != RAW and len(body) > INLINE_BYTES):
            return False
        else:
            try:
                request = read_request(body, exchange.headers, b"", model, self._limits)
            except RequestError as error:
                exchange.fail(error)
                return True
            exchange.ids = request.ids
            values, rows, unreadable = request.x.tobytes(), len(request.x), request.unreadable
        self._access.spend(exchange.admitted, rows)
        exchange.body.clear()  # many may wait
        self._dispatcher.put(model, Waiting(exchange, values, rows, unreadable, exchange.deadline))
        return True

    def close(self) -> None:
        """Tell of what was answered last, and let go of the threads."""
        self._tally.flush()
        self._dispatcher.close()


def _name(url: bytes) -> str:
    """Take the name out of the path; what is no plain name is none of a model's, and the router's to refuse."""
    return url[len(PREFIX) : -len(SUFFIX)].decode("latin-1") if url.startswith(PREFIX) else ""
