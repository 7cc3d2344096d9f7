"""One worker process: models, metrics and the application, and how it learns that it is to stop."""

import asyncio
import logging
import os
import platform
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, disable_created_metrics
from starlette.types import Lifespan

from model.inference import best_provider
from model.onnx_runtime import onnxruntime
from model.signing.options import trusted_keys
from service.app import create_app
from service.connection import FRONT
from service.drain import drain_on
from service.hot_path.front import Front
from service.metrics import Metrics
from service.registry.directory import ModelsDirectory
from service.registry.journal import Journal
from service.registry.models import Models
from service.registry.registry import Registry
from service.registry.watch import watching
from service.settings import Settings
from service.streams.store import StreamStore

# Where prometheus_client looks for the directory that worker processes share.
METRICS_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
STOPPING = (signal.SIGTERM, signal.SIGINT)

log = logging.getLogger("plumbline.server")


def worker_app(settings: Settings, url: str) -> FastAPI:
    """Load the models and build the application that serves them at ``url``.

    Raises:
        InputError: there is nothing to serve, or streams cannot be kept where they should be.
    """
    disable_created_metrics()  # type: ignore[no-untyped-call] # ships no types
    shared = os.environ.get(METRICS_DIRECTORY)
    metrics = Metrics(CollectorRegistry(), Path(shared) if shared else None)
    metrics.describe_build(version("plumbline"), platform.python_version(), onnxruntime.__version__)
    trusted = trusted_keys(settings.trusted_keys)
    root = ModelsDirectory(settings.models)
    registry = Registry(root, best_provider(), settings.default_model, Journal(metrics), trusted)
    models = registry.open()
    draining = asyncio.Event()
    lifespan = _lifespan(registry, settings, url, draining, list(trusted.keys) if trusted else [])
    streams = StreamStore(settings.streams, settings.max_streams, settings.stream_seconds)
    return create_app(models, settings.limits, metrics, draining, lifespan, streams, settings.queue)


def _lifespan(
    registry: Registry, settings: Settings, url: str, draining: asyncio.Event, trusted: list[str]
) -> Lifespan[FastAPI]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Front]]:
        for number in STOPPING:
            drain_on(number, draining, settings.drain_notice_seconds)
        _log_start(registry.models, url, trusted)
        async with watching(registry, settings.watch_seconds):
            front: Front = app.state.front
            yield {FRONT: front}
            front.close()

    return lifespan


def _log_start(models: Models, url: str, trusted: list[str]) -> None:
    served = [named.served for named in models if named.served]
    fields = {
        "url": url,
        "pid": os.getpid(),
        "provider": served[0].scorer.provider,
        "models": {model.name: model.version for model in served},
        "default_model": models.default_name,
        "trusted_keys": trusted,
    }
    log.info("serving", extra={"fields": fields})
