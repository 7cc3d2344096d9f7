"""The front of the service: which requests are answered as they come off the connection, before ASGI and its router.

It takes what is common: rows and windows to be scored, in a body of moderate length. Everything else, and whatever another server
than ours hands over, is answered by the application's routes, with the same reader, dispatcher and writer.
"""

import asyncio
from time import perf_counter

from service.access.access import Access
from service.errors import RequestError
from service.formats.accept import wants_arrow
from service.formats.arrow_messages import ARROW
from service.formats.request import body_type
from service.hot_path.deadline import HEADER as TIMEOUT
from service.hot_path.deadline import deadline_of
from service.hot_path.dispatcher import Dispatcher
from service.hot_path.exchange import Exchange, Headers, Wire
from service.hot_path.inference_request import read_inference
from service.hot_path.line import Waiting
from service.hot_path.score_request import read_score
from service.limits import Limits
from service.registry.models import Models, ServedModel
from service.request_body import JSON
from service.tally import Tally

# A longer body is read by a thread, see ``service/sample_routes.py``.
BODY_BYTES = 512 << 10
SCORE_ROUTE, NAMED_ROUTE, INFER_ROUTE = "/score", "/models/{name}/score", "/v2/models/{name}/infer"

_SCORE = SCORE_ROUTE.encode()
_NAMING = ((NAMED_ROUTE, b"/models/", b"/score"), (INFER_ROUTE, b"/v2/models/", b"/infer"))  # what is around a name
_JSON = JSON.encode()
_OTHERWISE = frozenset((b"transfer-encoding", b"content-encoding", b"expect", b"upgrade"))


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
        self._body_bytes = min(BODY_BYTES, limits.body_bytes)

    def open(self, wire: Wire, method: bytes, url: bytes, headers: Headers) -> Exchange | None:
        """Begin to answer a request by what its head says; None leaves it to the application."""
        if method != b"POST":
            return None
        said = dict(headers)
        length = said.get(b"content-length", b"")
        if not length.isdigit() or int(length) > self._body_bytes or not _OTHERWISE.isdisjoint(said):
            return None
        try:
            asked = self._asked_for(url)
            kind = JSON if said.get(b"content-type") == _JSON else body_type(headers)
            seconds = self._limits.request_seconds
            deadline = deadline_of(headers, seconds) if TIMEOUT in said else perf_counter() + seconds
        except RequestError:
            return None
        if asked is None:
            return None
        route, model = asked
        # Arrow is read and written by threads: it takes long, and its library, when first asked for, longer still.
        wants_other = route != INFER_ROUTE and b"accept" in said and wants_arrow(headers)
        if model.manifest.image is not None or kind == ARROW or wants_other:
            return None
        return Exchange(wire, self._tally, route, model, kind, headers, said, deadline, int(length))

    def _asked_for(self, url: bytes) -> tuple[str, ServedModel] | None:
        """Say which route a path belongs to and which model it names, if it is one of the front's.

        Raises:
            RequestError: no model of that name is served.
        """
        if url == _SCORE:
            return SCORE_ROUTE, self._models.default()
        for route, prefix, suffix in _NAMING:
            if url.startswith(prefix) and url.endswith(suffix):
                return route, self._models.get(url[len(prefix) : -len(suffix)].decode("latin-1"))
        return None

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
        body, model, limits = bytes(exchange.body), exchange.model, self._limits
        try:
            if exchange.route == INFER_ROUTE:
                asked = read_inference(body, exchange.headers, model, limits)
            else:
                asked = read_score(body, exchange.kind, exchange.headers, model, limits)
        except RequestError as error:
            exchange.fail(error)
            return True
        if asked is None:
            return False
        samples, exchange.write = asked
        self._access.spend(exchange.admitted, samples.rows)
        exchange.body.clear()  # many may wait
        self._dispatcher.put(model, Waiting(exchange, samples, exchange.deadline))
        return True

    def close(self) -> None:
        """Tell of what was answered last, and let go of the threads."""
        self._tally.flush()
        self._dispatcher.close()
