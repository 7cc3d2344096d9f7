"""An application around models, in this process; a client for it; and what it says of errors."""

import asyncio
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry

from service.app import create_app
from service.limits import Limits
from service.metrics import Metrics
from service.registry.models import Models
from service.streams.store import StreamStore


def app_of(
    models: Models,
    limits: Limits | None = None,
    *,
    draining: asyncio.Event | None = None,
    streams: StreamStore | None = None,
) -> FastAPI:
    metrics = Metrics(CollectorRegistry())
    return create_app(models, limits or Limits(), metrics, draining or asyncio.Event(), streams=streams)


def client_of(
    models: Models,
    limits: Limits | None = None,
    *,
    draining: asyncio.Event | None = None,
    streams: StreamStore | None = None,
) -> TestClient:
    return TestClient(app_of(models, limits, draining=draining, streams=streams))


def error_of(response: Any) -> tuple[int, str]:
    """Give an error's status and code; it has the one form that errors have."""
    body = response.json()
    assert [*body] == ["error"]
    assert sorted(body["error"]) == ["code", "details", "message"]
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-request-id"]
    return response.status_code, body["error"]["code"]
