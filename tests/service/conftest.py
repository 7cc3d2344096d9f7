"""What most tests of the service share: the golden model, loaded once, and a client for an application around it."""

import asyncio
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry

from service.app import create_app
from service.limits import Limits
from service.metrics import Metrics
from service.registry.directory import load_models
from service.registry.models import Models, ServedModel
from tests.service.bundles import GOLDEN_MODELS


@pytest.fixture(scope="session")
def models() -> Models:
    return load_models(GOLDEN_MODELS, "cpu")


@pytest.fixture(scope="session")
def pump(models: Models) -> ServedModel:
    return models.get("pump")


@pytest.fixture(scope="session")
def client(models: Models) -> Iterator[TestClient]:
    app = create_app(models, Limits(), Metrics(CollectorRegistry()), asyncio.Event())
    with TestClient(app) as client:
        yield client
