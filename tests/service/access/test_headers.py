"""What browsers are told with every answer, whoever gives it."""

import socket
from collections.abc import Iterator
from http.client import HTTPResponse
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient

from service.registry.models import Models
from service.turned_away import HEAD_BYTES
from tests.service.apps import app_of
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import PATIENCE_SECONDS, Serving, serving

GOOD = {"samples": [[8, 120, 45, 11]]}
EVERY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
API = EVERY | {"cache-control": "no-store", "content-security-policy": "default-src 'none'; frame-ancestors 'none'"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(GOLDEN_MODELS, tmp_path_factory.mktemp("service") / "log") as running:
        yield running


def of_security(headers: dict[str, str]) -> dict[str, str]:
    names = {*API, "strict-transport-security"}
    return {name: value for name, value in headers.items() if name in names or name.startswith("access-control-")}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/score", GOOD, 200),
        ("POST", "/score", {"samples": []}, 422),
        ("POST", "/score", {**GOOD, "explain": True}, 200),
        ("POST", "/encode", GOOD, 200),
        ("GET", "/models", None, 200),
        ("GET", "/openapi.json", None, 200),
        ("GET", "/metrics", None, 200),
        ("GET", "/no/such/path", None, 404),
        ("OPTIONS", "/score", None, 405),
    ],
)
def test_answers_of_the_api_are_data_for_nobody_else_and_not_kept(
    service: Serving, method: str, path: str, body: object, status: int
) -> None:
    answer = httpx2.request(method, service.url + path, json=body, headers={"Origin": "http://evil.example"})
    assert answer.status_code == status
    assert of_security(dict(answer.headers)) == API


def test_a_head_too_long_is_answered_no_differently(service: Serving) -> None:
    at = urlsplit(service.url)
    with socket.create_connection((at.hostname or "", at.port or 0), PATIENCE_SECONDS) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * HEAD_BYTES)
        answer = HTTPResponse(connection)
        answer.begin()
        assert answer.status == 431
        assert of_security({name.lower(): value for name, value in answer.getheaders()}) == API


def test_a_fault_of_ours_is_answered_no_differently(models: Models) -> None:
    app = app_of(models)

    @app.get("/broken")
    async def fail() -> None:
        raise RuntimeError

    answer = TestClient(app).get("/broken")
    assert answer.status_code == 500
    assert of_security(dict(answer.headers)) == API


def test_the_page_may_load_its_own_parts_and_nothing_else(service: Serving) -> None:
    answer = httpx2.get(f"{service.url}/docs")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy["script-src"]
    assert of_security(dict(answer.headers)) == EVERY | {
        "content-security-policy": answer.headers["content-security-policy"]
    }
    assert "http:" not in answer.text
    assert "https:" not in answer.text
    assert of_security(dict(httpx2.get(f"{service.url}/docs/assets/swagger-ui.css").headers)) == EVERY
