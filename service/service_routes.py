"""The routes about the service itself: which models, how it is, what it measured."""

import asyncio
from time import time

from anyio import to_thread
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.answers import LiveAnswer, ReadyAnswer
from service.errors import NotReadyError, UnknownModelError
from service.metrics import Metrics
from service.openapi import Responses, errors
from service.readiness import check_ready
from service.registry.card import ModelCard, ModelList, model_card, model_list
from service.registry.models import Models
from service.streams.counting import count_streams
from service.streams.store import StreamStore
from service.tally import Tally

TEXT: Responses = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


def service_routes(
    models: Models, streams: StreamStore, metrics: Metrics, tally: Tally, draining: asyncio.Event
) -> APIRouter:
    """Build ``/models``, ``/health`` and ``/metrics``. ``draining`` is set once the service is about to stop."""
    router = APIRouter(tags=["service"])

    @router.get("/models")
    async def list_models() -> ModelList:
        """List the models, what is served of each, and what was refused."""
        return model_list(models)

    @router.get("/models/{name}", responses=errors(UnknownModelError, NotReadyError))
    async def describe_model(name: str) -> ModelCard:
        """Describe a model: its features, its threshold, how it was made."""
        return model_card(models.named(name), models.get(name))

    @router.head("/health/live", include_in_schema=False)
    @router.get("/health/live")
    async def live() -> LiveAnswer:
        """Say that the process runs."""
        return {"status": "alive"}

    @router.head("/health/ready", include_in_schema=False)
    @router.get("/health/ready", responses=errors(NotReadyError))
    async def ready() -> ReadyAnswer:
        """Say whether every model is served, its golden samples having scored as they must."""
        check_ready(models, draining)
        return {"status": "ready", "models": {named.name: named.served.version for named in models if named.served}}

    @router.get("/metrics", response_class=Response, responses=TEXT)
    async def measured() -> Response:
        """Give Prometheus the metrics."""
        tally.flush()

        def written() -> bytes:  # with several workers this reads files, and streams may be kept in one
            count_streams(models, streams, metrics, time())
            return metrics.exposition()

        return Response(await to_thread.run_sync(written), media_type=CONTENT_TYPE_LATEST)

    return router
