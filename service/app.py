"""The ASGI application: everything it needs is handed in."""

import asyncio
import os
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.types import Lifespan

from service.access.access import Access
from service.access.guard import GuardRequests
from service.access.openapi import REFUSED, with_keys
from service.docs_page import ASSETS, docs_routes
from service.error_answer import answer_http_exception, answer_request_error
from service.errors import RequestError
from service.hot_path.dispatcher import Dispatcher
from service.hot_path.front import Front
from service.hot_path.jobs import Jobs
from service.judging import Judge
from service.limits import Limits, QueueBounds
from service.metrics import Metrics
from service.openapi import DESCRIPTION, TITLE, VERSION
from service.protocols.azure.routes import azure_routes
from service.protocols.lookout.routes import lookout_routes
from service.protocols.v2.routes import inference_routes
from service.registry.models import Models
from service.request_record import RecordRequests
from service.sample_routes import sample_routes
from service.service_routes import service_routes
from service.streams.routes import stream_routes
from service.streams.store import StreamStore
from service.tally import Tally

if TYPE_CHECKING:
    from service.tracing.traces import Traces


def create_app(
    models: Models,
    limits: Limits,
    metrics: Metrics,
    draining: asyncio.Event,
    lifespan: Lifespan[FastAPI] | None = None,
    streams: StreamStore | None = None,
    queue: QueueBounds | None = None,
    versions: APIRouter | None = None,
    access: Access | None = None,
    traces: "Traces | None" = None,
) -> FastAPI:
    """Build the application that serves ``models``; ``draining`` is set by whoever is about to stop it.

    Where no ``streams`` are handed in, they are kept in memory; without ``access``, everybody may do everything;
    without ``traces``, there are none. ``versions``
    are the routes that decide about versions, where they can be decided about. Its ``state.front`` is for the connections of
    a server that has such (``service/connection.py``).
    """
    store = streams or StreamStore()
    app = FastAPIOffline(  # its documentation page loads nothing from elsewhere
        title=TITLE,
        description=DESCRIPTION,
        version=VERSION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        static_url=ASSETS,
        redirect_slashes=False,
        responses=REFUSED,
        generate_unique_id_function=lambda route: route.name,
        # No environment variable may make the service report to anyone.
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )
    tally = Tally(metrics, traces)
    guard = access or Access(metrics)
    dispatcher = Dispatcher(queue or QueueBounds(), tally)
    jobs = Jobs(os.cpu_count() or 1, dispatcher.bounds.seconds)
    judge = Judge(dispatcher, jobs, limits, metrics)
    app.state.front = Front(models, limits, dispatcher, guard, tally, draining)
    app.include_router(sample_routes(models, limits, metrics, dispatcher, jobs))
    app.include_router(stream_routes(models, store, limits, metrics, jobs))
    app.include_router(service_routes(models, store, metrics, tally, draining))
    app.include_router(inference_routes(models, judge, limits, draining))
    app.include_router(azure_routes(models, judge, limits))
    app.include_router(lookout_routes(models, judge, limits))
    if versions is not None:
        app.include_router(versions)
    app.include_router(docs_routes(TITLE, app.openapi_url or ""))
    described = app.openapi
    app.openapi = lambda: app.openapi_schema or with_keys(described())  # type: ignore[method-assign] # FastAPI's way
    app.add_exception_handler(RequestError, answer_request_error)
    app.add_exception_handler(HTTPException, answer_http_exception)
    app.add_middleware(GuardRequests, access=guard)
    app.add_middleware(RecordRequests, tally=tally, draining=draining)
    metrics.describe_models(models)
    return app
