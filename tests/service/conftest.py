"""What most tests of the service share: the golden models, loaded once, and clients for applications around them."""

import asyncio
import shutil
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry

from service.app import create_app
from service.limits import Limits
from service.metrics import Metrics
from service.registry.decisions import FILE, Decisions
from service.registry.directory import ModelsDirectory, load_models
from service.registry.loading import Loader
from service.registry.models import Models, ServedModel
from service.registry.registry import Registry
from service.registry.routes import version_routes
from tests.golden.image_bundle import GOLDEN_IMAGE_MODELS
from tests.service.apps import client_of
from tests.service.bundles import GOLDEN_MODELS, put_bundle


@pytest.fixture(scope="session")
def models() -> Models:
    return load_models(GOLDEN_MODELS, "cpu")


@pytest.fixture(scope="session")
def pump(models: Models) -> ServedModel:
    return models.get("pump")


@pytest.fixture(scope="session")
def image_models() -> Models:
    return load_models(GOLDEN_IMAGE_MODELS, "cpu")


@pytest.fixture(scope="session")
def tiles(image_models: Models) -> ServedModel:
    return image_models.get("tiles")


@pytest.fixture(scope="session")
def image_client(image_models: Models) -> Iterator[TestClient]:
    with client_of(image_models) as client:
        yield client


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Serve the golden model as it is; a version 2 of it is there, and not served."""
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(GOLDEN_MODELS, folder, dirs_exist_ok=True)
    put_bundle(folder, version=2)
    decisions = Decisions(folder / FILE)
    decisions.decide("pump", pinned=1)
    metrics = Metrics(CollectorRegistry())
    registry = Registry(ModelsDirectory(folder), Loader("cpu"), decisions=decisions)
    versions = version_routes(registry, Limits(), metrics, 0)
    app = create_app(registry.open(), Limits(), metrics, asyncio.Event(), versions=versions)
    with TestClient(app) as client:
        yield client
