import asyncio
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.registry.directory import load_models
from tests.service.apps import client_of
from tests.service.bundles import fail_golden_check, put_bundle


@pytest.fixture
def half_served(tmp_path: Path) -> TestClient:
    """Serve version 1 of a pump whose version 2 was refused, and a valve of which nothing can be."""
    put_bundle(tmp_path)
    put_bundle(tmp_path, version=2, change=fail_golden_check)
    put_bundle(tmp_path, "valve", change=fail_golden_check)
    models = load_models(tmp_path, "cpu")
    return client_of(models)


def test_the_index_lists_what_is_served_and_what_was_refused(half_served: TestClient) -> None:
    index = half_served.post("/v2/repository/index").json()
    assert [(model["name"], model["version"], model["state"]) for model in index] == [
        ("pump", "1", "READY"),
        ("pump", "2", "UNAVAILABLE"),
        ("valve", "1", "UNAVAILABLE"),
    ]
    assert "golden sample" in index[1]["reason"]
    ready = half_served.post("/v2/repository/index", json={"ready": True}).json()
    assert [model["version"] for model in ready] == ["1"]


@pytest.mark.parametrize(("body", "status"), [("[]", 422), ('{"ready": 1}', 422), ('{"ready": [1]}', 422), ("{", 400)])
def test_an_index_that_is_asked_for_wrongly_is_refused(half_served: TestClient, body: str, status: int) -> None:
    response = half_served.post("/v2/repository/index", content=body)
    assert response.status_code == status
    assert isinstance(response.json()["error"], str)


@pytest.mark.parametrize("path", ["/v2/health/ready", "/v2/models/valve", "/v2/models/valve/ready"])
def test_what_is_not_served_is_not_ready(half_served: TestClient, path: str) -> None:
    response = half_served.get(path)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "10"
    assert "model 'valve' has no version that can be served" in response.json()["error"]


def test_a_service_about_to_stop_is_live_and_not_ready(tmp_path: Path) -> None:
    put_bundle(tmp_path)
    draining = asyncio.Event()
    draining.set()
    client = client_of(load_models(tmp_path, "cpu"), draining=draining)
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"error": "the service is about to stop"}


def test_the_server_is_told_with_and_without_a_slash(client: TestClient) -> None:
    assert client.get("/v2").json() == client.get("/v2/").json()


def test_windows_and_images_have_the_shapes_of_their_graphs(
    window_client: TestClient, image_client: TestClient
) -> None:
    windows = window_client.get("/v2/models/rig").json()["inputs"]
    images = image_client.get("/v2/models/tiles").json()["inputs"]
    assert windows == [{"name": "x", "datatype": "FP64", "shape": [-1, 8, 4]}]
    assert images == [{"name": "x", "datatype": "UINT8", "shape": [-1, 24, 32, 1]}]


def test_another_method_is_refused_in_the_protocols_form(client: TestClient) -> None:
    response = client.get("/v2/models/pump/infer")
    assert response.status_code == 405
    assert response.json() == {"error": "GET is not possible here"}
