"""One worker process: models, metrics and the application, and how it learns that it is to stop."""

import asyncio
import gc
import logging
import os
import platform
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, disable_created_metrics
from starlette.types import Lifespan

from model.inference import best_provider
from model.onnx_runtime import onnxruntime
from model.signing.options import trusted_keys
from service.access.access import Access, Protected
from service.access.arrivals import Arrivals
from service.access.rate import rate_of
from service.access.watched_keys import WatchedKeys
from service.app import create_app
from service.connection import CONNECTIONS, FRONT
from service.connections import Connections
from service.drain import drain_on
from service.hot_path.front import Front
from service.metrics import Metrics
from service.registry.decisions import Decisions
from service.registry.journal import Journal
from service.registry.loading import Loader
from service.registry.memory import ModelMemory
from service.registry.registry import Registry
from service.registry.roots import open_root
from service.registry.routes import version_routes
from service.registry.watch import watching
from service.settings import Settings
from service.streams.store import StreamStore
from service.tracing.destination import check_installed

if TYPE_CHECKING:
    from service.tracing.traces import Traces

# Where prometheus_client looks for the directory that worker processes share.
METRICS_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
ARRIVALS = "arrivals"  # in that directory: when each client's next request is due
STOPPING = (signal.SIGTERM, signal.SIGINT)

log = logging.getLogger("plumbline.server")


def worker_app(settings: Settings, url: str) -> FastAPI:
    """Load the models and build the application that serves them at ``url``.

    Raises:
        InputError: there is nothing to serve, keys cannot be read, or streams cannot be kept where they should be.
    """
    disable_created_metrics()  # type: ignore[no-untyped-call] # ships no types
    shared = os.environ.get(METRICS_DIRECTORY)
    metrics = Metrics(CollectorRegistry(), Path(shared) if shared else None)
    metrics.describe_build(version("plumbline"), platform.python_version(), onnxruntime.__version__)
    traces = open_traces(settings.traces)
    registry = registry_of(settings, Journal(metrics))
    models = registry.open()
    draining = asyncio.Event()
    connections = Connections(settings.connections, metrics)
    lifespan = _lifespan(registry, settings, connections, url, draining, traces)
    streams = StreamStore(settings.streams, settings.max_streams, settings.stream_seconds)
    versions = version_routes(registry, settings.limits, metrics, settings.watch_seconds)
    access = _access(settings, metrics, Path(shared, ARRIVALS) if shared else None)
    limits, queue = settings.limits, settings.queue
    return create_app(models, limits, metrics, draining, lifespan, streams, queue, versions, access, traces)


def _access(settings: Settings, metrics: Metrics, shared: Path | None) -> Access:
    rate = rate_of(settings.rate_limit)
    keys = None if settings.keys is None else WatchedKeys(settings.keys, rate, metrics)
    return Access(metrics, keys, Protected(settings.protect_health, settings.protect_metrics), rate, Arrivals(shared))


def registry_of(settings: Settings, journal: Journal | None = None) -> Registry:
    """Build the registry that ``settings`` ask for; nothing is read yet."""
    root = open_root(settings.models, settings.cache)
    decisions = Decisions(settings.state or root.decisions)
    memory = ModelMemory(settings.model_memory_bytes, journal)
    loader = Loader(best_provider(), trusted_keys(settings.trusted_keys), memory)
    return Registry(root, loader, settings.default_model, decisions, journal)


def open_traces(destination: str | None) -> "Traces | None":
    """Begin to send traces, if any are asked for.

    Raises:
        InputError: they cannot be sent.
    """
    if destination is None:
        return None
    check_installed()
    from service.tracing.traces import Traces  # some tens of MiB, for those who ask for them

    return Traces(destination, version("plumbline"))


def _lifespan(
    registry: Registry,
    settings: Settings,
    connections: Connections,
    url: str,
    draining: asyncio.Event,
    traces: "Traces | None",
) -> Lifespan[FastAPI]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Front | Connections]]:
        for number in STOPPING:
            drain_on(number, draining, settings.drain_notice_seconds)
        _log_start(registry, url)
        # What is here now stays. Looking through it for garbage again and again cost a sixth of the time under load.
        gc.collect()
        gc.freeze()
        async with watching(registry, settings.watch_seconds):
            front: Front = app.state.front
            yield {FRONT: front, CONNECTIONS: connections}
            front.close()
            if traces is not None:
                traces.close()

    return lifespan


def _log_start(registry: Registry, url: str) -> None:
    models, trusted = registry.models, registry.loader.trusted
    served = [named.served for named in models if named.served]
    fields = {
        "url": url,
        "pid": os.getpid(),
        "provider": served[0].provider,
        "models": {model.name: model.version for model in served},
        "default_model": models.default_name,
        "trusted_keys": list(trusted.keys) if trusted else [],
    }
    log.info("serving", extra={"fields": fields})
