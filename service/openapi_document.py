"""The API document as a file: ``python -m service.openapi_document > docs/openapi.json``."""

import asyncio
import json
import sys
from pathlib import Path

from prometheus_client import CollectorRegistry

from service.app import create_app
from service.limits import Limits
from service.metrics import Metrics
from service.registry.directory import ModelsDirectory
from service.registry.loading import Loader
from service.registry.registry import Registry
from service.registry.routes import version_routes


def openapi_document() -> str:
    """Write the API's OpenAPI document; it depends on no model and no setting."""
    limits, registry = Limits(), Registry(ModelsDirectory(Path("models")), Loader("cpu"))
    metrics = Metrics(CollectorRegistry())
    versions = version_routes(registry, limits, metrics, 0)
    app = create_app(registry.models, limits, metrics, asyncio.Event(), versions=versions)
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(openapi_document())
