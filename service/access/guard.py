"""The guard in front of every route, those included that there are none of."""

from starlette.types import ASGIApp, Receive, Scope, Send

from service.access.access import Access
from service.access.admitted import Admitted
from service.error_answer import STATUS, answer_to
from service.errors import AccessError
from service.request_record import RequestRecord

ADMITTED = "admitted"  # where a connection says in a request's state that it has asked, and with what outcome


class GuardRequests:
    """ASGI middleware that asks ``access`` for each request, unless its connection has; the record says whose it is."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        record: RequestRecord = scope["state"]["record"]
        try:
            admitted = self._admit(scope)
        except AccessError as error:
            record.fields["error"] = STATUS[type(error)][1]
            if error.key is not None:
                record.fields["key"] = error.key
            await answer_to(error, scope["path"])(scope, receive, send)
            return
        if admitted.name is not None:
            record.fields["key"] = admitted.name
        await self._app(scope, receive, send)
        if isinstance(samples := record.fields.get("samples"), int):
            self._access.spend(admitted, samples)

    def _admit(self, scope: Scope) -> Admitted:
        admitted: Admitted | None = scope["state"].get(ADMITTED)
        if admitted is not None:
            return admitted
        client = scope.get("client")
        return self._access.admit(scope["method"], scope["path"], scope["headers"], client[0] if client else None)
