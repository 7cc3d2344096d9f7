"""What is told of each request: its id, its log line, its route in the metrics, and a fault of ours."""

import logging

import pytest
from fastapi.testclient import TestClient

from service.registry.models import Models
from tests.service.apps import app_of, client_of, error_of

GOOD = {"samples": [[8, 120, 45, 11]]}


def test_a_fault_of_ours_is_answered_with_its_request_id_and_no_traceback(
    models: Models, caplog: pytest.LogCaptureFixture
) -> None:
    app = app_of(models)

    @app.get("/broken")
    async def fail() -> None:
        raise RuntimeError("secret")

    with caplog.at_level(logging.ERROR, "plumbline.request"):
        response = TestClient(app).get("/broken", headers={"x-request-id": "abc"})
    assert error_of(response) == (500, "internal_error")
    assert response.json()["error"]["details"] == {"request_id": "abc"}
    assert "secret" not in response.text
    assert "RuntimeError: secret" in caplog.text


@pytest.mark.parametrize("given", ["abc-123_X.y", "a" * 128])
def test_a_request_id_comes_back_in_header_and_answer(client: TestClient, given: str) -> None:
    response = client.post("/score", json=GOOD, headers={"X-Request-ID": given})
    assert response.headers["x-request-id"] == given
    assert response.json()["request_id"] == given


@pytest.mark.parametrize("given", ["", "a b", "a" * 129, "<script>", "a\tb", "é".encode()])
def test_a_request_id_of_another_form_is_replaced(client: TestClient, given: str | bytes) -> None:
    response = client.post(
        "/score", json=GOOD, headers={b"X-Request-ID": given if isinstance(given, bytes) else given.encode()}
    )
    made = response.json()["request_id"]
    assert made == response.headers["x-request-id"]
    assert len(made) == 32
    assert made.isalnum()


def test_a_request_is_logged_in_one_line(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "plumbline.request"):
        client.post(
            "/models/pump/score",
            json={"samples": [[8, 120, 45, 11], [8, None, 45, 11]]},
            headers={"X-Request-ID": "r-1"},
        )
    (record,) = (record for record in caplog.records if record.name == "plumbline.request")
    fields = record.__dict__["fields"]
    assert fields.pop("duration_ms") > 0
    assert fields == {
        "request_id": "r-1",
        "method": "POST",
        "route": "/models/{name}/score",
        "status": 200,
        "model": "pump",
        "version": 1,
        "samples": 2,
        "verdicts": {"normal": 1, "invalid": 1},
    }


@pytest.mark.parametrize(("path", "code"), [("/models/valve/score", "unknown_model"), ("/nothing", "not_found")])
def test_the_log_line_of_a_refused_request_carries_the_error_code(
    client: TestClient, caplog: pytest.LogCaptureFixture, path: str, code: str
) -> None:
    with caplog.at_level(logging.INFO, "plumbline.request"):
        client.post(path, json=GOOD)
    (record,) = (record for record in caplog.records if record.name == "plumbline.request")
    assert record.__dict__["fields"]["error"] == code


def test_metrics_carry_the_route_and_not_the_path(models: Models) -> None:
    client = client_of(models)
    client.post("/models/valve/score", json=GOOD)
    client.get("/wp-admin.php")
    text = client.get("/metrics").text
    assert 'plumbline_request_duration_seconds_count{route="/models/{name}/score",status="404"} 1.0' in text
    assert 'plumbline_request_duration_seconds_count{route="other",status="404"} 1.0' in text
    assert "valve" not in text
    assert "wp-admin" not in text
