"""A model that judges windows, beside the golden ones."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from service.registry.directory import load_models
from service.registry.models import Models, ServedModel
from tests.service.apps import client_of
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
    with client_of(window_models) as client:
        yield client
