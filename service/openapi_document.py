"""The API document as a file: ``python -m service.openapi_document > docs/openapi.json``."""

import asyncio
import json
import sys

from prometheus_client import CollectorRegistry

from service.app import create_app
from service.limits import Limits
from service.metrics import Metrics
from service.registry.models import Models


def openapi_document() -> str:
    """Write the API's OpenAPI document; it depends on no model and no setting."""
    app = create_app(Models({}), Limits(), Metrics(CollectorRegistry()), asyncio.Event())
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(openapi_document())
