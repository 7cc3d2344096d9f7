"""A client for the golden model; its streams begin with each test."""

import pytest
from fastapi.testclient import TestClient

from service.registry.models import Models
from tests.service.apps import client_of


@pytest.fixture
def client(models: Models) -> TestClient:
    return client_of(models)
