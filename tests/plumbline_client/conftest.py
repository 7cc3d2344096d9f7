"""A real service for the client's tests, with a model of rows and one of images."""

import shutil
from collections.abc import Iterator

import pytest

from plumbline_client import PlumblineClient
from tests.golden.image_bundle import GOLDEN_IMAGE_MODELS
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import Serving, serving


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("served")
    for models in (GOLDEN_MODELS, GOLDEN_IMAGE_MODELS):
        shutil.copytree(models, folder / "models", dirs_exist_ok=True)
    with serving(folder / "models", folder / "log", "--default-model", "pump") as running:
        yield running


@pytest.fixture(scope="session")
def client(service: Serving) -> Iterator[PlumblineClient]:
    with PlumblineClient(service.url) as client:
        yield client
