"""A model that judges windows, beside the golden ones."""

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
from tests.window_bundle import write_window_bundle


@pytest.fixture(scope="session")
def window_models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    folder = tmp_path_factory.mktemp("models")
    write_window_bundle(folder)
    return load_models(folder, "cpu")


@pytest.fixture(scope="session")
def rig(window_models: Models) -> ServedModel:
    return window_models.get("rig")


@pytest.fixture(scope="session")
def window_client(window_models: Models) -> Iterator[TestClient]:
    yield from serve(window_models)


@pytest.fixture(scope="session")
def image_client() -> Iterator[TestClient]:
    yield from serve(load_models(GOLDEN_IMAGE_MODELS, "cpu"))


def serve(models: Models, limits: Limits | None = None) -> Iterator[TestClient]:
    app = create_app(models, limits or Limits(), Metrics(CollectorRegistry()), asyncio.Event())
    with TestClient(app) as client:
        yield client
