"""The routes of streams."""

from typing import Any

from fastapi import APIRouter, Request, Response

from model.alarm.state import StreamAlarm
from service.hot_path.jobs import Jobs
from service.limits import Limits
from service.metrics import Metrics
from service.openapi import Json, Responses
from service.registry.models import Models, ServedModel
from service.streams.answers import AlarmAnswer, StreamAnswer, StreamList
from service.streams.handlers import Handlers
from service.streams.openapi import DELETED, ROWS_BODY, ROWS_JUDGED, SHELVE_BODY, errors_of, of_named
from service.streams.store import StreamStore


def stream_routes(models: Models, store: StreamStore, limits: Limits, metrics: Metrics, jobs: Jobs) -> APIRouter:
    """Build ``/streams`` and what is below it, for the default and for a named model."""
    router = APIRouter(tags=["streams"])
    handlers = Handlers(store, limits, metrics, jobs)
    for is_named in (False, True):
        _add(router, handlers, models, is_named=is_named)
    return router


def _add(router: APIRouter, handlers: Handlers, models: Models, *, is_named: bool) -> None:
    streams = "/models/{name}/streams" if is_named else "/streams"
    stream = f"{streams}/{{stream}}"

    def model_of(request: Request) -> ServedModel:
        return models.get(request.path_params["name"]) if is_named else models.default()

    def said(operation: str, extra: Json | None = None, answer: Responses | None = None) -> dict[str, Any]:
        """Say of a route what its function does not."""
        has_body = extra is not None
        return {
            "name": f"{operation}_{'with_model' if is_named else 'with_default'}",
            "openapi_extra": of_named(extra or {}, is_named=is_named),
            "responses": {**(answer or {}), **errors_of(is_named=is_named, has_body=has_body)},
        }

    @router.post(f"{stream}/rows", **said("judge_rows", ROWS_BODY, ROWS_JUDGED))
    async def judge_rows(request: Request, stream: str) -> Response:
        """Take the next rows of a stream: a verdict on each, and where the alarm stands."""
        return await handlers.judge(request, stream, model_of(request))

    @router.get(streams, **said("list_streams"))
    async def list_streams(request: Request) -> StreamList:
        """List the streams at hand, the last used first."""
        return await handlers.list(request, model_of(request))

    @router.get(stream, **said("describe_stream"))
    async def describe_stream(request: Request, stream: str) -> StreamAnswer:
        """Tell what is kept of a stream, and where its alarm stands."""
        return await handlers.find(request, stream, model_of(request))

    @router.delete(stream, status_code=204, **said("delete_stream", answer=DELETED))
    async def delete_stream(request: Request, stream: str) -> Response:
        """Forget a stream, its alarm included; its next rows begin it anew."""
        return await handlers.delete(request, stream, model_of(request))

    @router.post(f"{stream}/acknowledge", **said("acknowledge_alarm"))
    async def acknowledge_alarm(request: Request, stream: str) -> AlarmAnswer:
        """Acknowledge the alarm of a stream; without one, nothing changes."""
        return await handlers.act(request, stream, model_of(request), StreamAlarm.acknowledged)

    @router.post(f"{stream}/shelve", **said("shelve_alarm", SHELVE_BODY))
    async def shelve_alarm(request: Request, stream: str) -> AlarmAnswer:
        """Shelve the alarm of a stream for a time: it is followed, but not annunciated."""
        return await handlers.shelve(request, stream, model_of(request))

    @router.post(f"{stream}/unshelve", **said("unshelve_alarm"))
    async def unshelve_alarm(request: Request, stream: str) -> AlarmAnswer:
        """Take the alarm of a stream off the shelf; what is active is annunciated now."""
        return await handlers.act(request, stream, model_of(request), StreamAlarm.unshelved)
