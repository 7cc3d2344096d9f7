"""The golden image model, loaded once, and a client for an application around it."""

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
from tests.golden.image_bundle import GOLDEN_IMAGE_MODELS


@pytest.fixture(scope="session")
def image_models() -> Models:
    return load_models(GOLDEN_IMAGE_MODELS, "cpu")


@pytest.fixture(scope="session")
def tiles(image_models: Models) -> ServedModel:
    return image_models.get("tiles")


@pytest.fixture(scope="session")
def image_client(image_models: Models) -> Iterator[TestClient]:
    app = create_app(image_models, Limits(), Metrics(CollectorRegistry()), asyncio.Event())
    with TestClient(app) as client:
        yield client
