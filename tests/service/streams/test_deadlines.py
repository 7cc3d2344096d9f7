"""Requests for streams are let in and given up as all others are, and what is given up changes nothing."""

import asyncio

import pytest
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry

from service.app import create_app
from service.limits import Limits, QueueBounds
from service.metrics import Metrics
from service.registry.models import Models

ROWS = {"rows": [[8.0, 120.0, 45.0, 11.0]]}
TOO_SHORT = {"X-Request-Timeout": "1e-9"}


@pytest.fixture
def client(models: Models) -> TestClient:
    return TestClient(create_app(models, Limits(), Metrics(CollectorRegistry()), asyncio.Event(), queue=QueueBounds()))


def code_of(response: object) -> str:
    code: str = response.json()["error"]["code"]  # type: ignore[attr-defined]
    return code


def test_rows_that_come_too_late_begin_no_stream(client: TestClient) -> None:
    assert code_of(client.post("/streams/late/rows", json=ROWS, headers=TOO_SHORT)) == "deadline_exceeded"
    assert client.get("/streams/late").status_code == 404


def test_a_stream_is_not_deleted_too_late(client: TestClient) -> None:
    assert client.post("/streams/kept/rows", json=ROWS).status_code == 200
    assert code_of(client.delete("/streams/kept", headers=TOO_SHORT)) == "deadline_exceeded"
    assert code_of(client.post("/streams/kept/acknowledge", headers=TOO_SHORT)) == "deadline_exceeded"
    assert client.get("/streams/kept").json()["row_count"] == 1


def test_a_deadline_that_says_nothing_is_refused(client: TestClient) -> None:
    assert (
        code_of(client.post("/streams/odd/rows", json=ROWS, headers={"X-Request-Timeout": "soon"}))
        == "unreadable_header"
    )
