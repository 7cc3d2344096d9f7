"""The application through an HTTP client, in process."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.limits import Limits
from service.registry.directory import load_models
from service.registry.models import Models, ServedModel
from tests.samples import clean_rows
from tests.service.apps import client_of, error_of
from tests.service.bundles import fail_golden_check, put_bundle

GOOD = {"samples": [[8, 120, 45, 11]]}


@pytest.mark.parametrize("path", ["/score", "/models/pump/score"])
def test_samples_are_scored_by_the_default_and_by_the_named_model(client: TestClient, path: str) -> None:
    answer = client.post(path, json=GOOD).json()
    assert answer["model"] == "pump"
    assert answer["results"][0]["verdict"] == "normal"


@pytest.mark.parametrize("operation", ["reconstruct", "encode"])
@pytest.mark.parametrize("prefix", ["", "/models/pump"])
def test_samples_are_rebuilt_and_encoded(client: TestClient, prefix: str, operation: str) -> None:
    answer = client.post(f"{prefix}/{operation}", json=GOOD).json()
    assert answer["model"] == "pump"
    assert len(answer["results"]) == 1


def test_a_large_batch_is_scored_like_a_small_one(client: TestClient, pump: ServedModel) -> None:
    x = clean_rows(5000)
    answer = client.post("/score", json={"samples": x.tolist()}).json()
    assert [result["score"] for result in answer["results"]] == pump.scorer.score(x).score.tolist()


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/nothing", (404, "not_found")),
        ("POST", "/score/", (404, "not_found")),
        ("GET", "/score", (405, "method_not_allowed")),
        ("POST", "/models", (405, "method_not_allowed")),
        ("POST", "/models/valve/score", (404, "unknown_model")),
        ("POST", "/models/%2e%2e/score", (404, "unknown_model")),
        ("POST", "/models/..%2Fpump/score", (404, "not_found")),
        ("GET", "/models/%00", (404, "unknown_model")),
        ("GET", "/docs/assets/../../etc/passwd", (404, "not_found")),
        ("GET", "/docs/assets/%2e%2e/%2e%2e/etc/passwd", (404, "not_found")),
    ],
)
def test_what_is_not_there_is_said_in_the_one_form(
    client: TestClient, method: str, path: str, expected: tuple[int, str]
) -> None:
    assert error_of(client.request(method, path)) == expected


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/score", "POST"),
        ("/models", "GET"),
        ("/models/pump/pin", "POST, DELETE"),
        ("/models/pump/shadow", "GET, POST, DELETE"),
    ],
)
def test_a_method_that_is_not_allowed_names_those_that_are(client: TestClient, path: str, allowed: str) -> None:
    answer = client.put(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (400, "unreadable_body")),
        (b"{", (400, "unreadable_body")),
        (b"[" * 200_000, (400, "unreadable_body")),
        (b"[]", (422, "wrong_structure")),
        (b'{"samples": [[1, 2, 3]]}', (422, "wrong_structure")),
        (b'{"samples": [{"flow": 1}]}', (422, "wrong_structure")),
    ],
    ids=lambda found: str(found)[:20],
)
@pytest.mark.parametrize("path", ["/score", "/models/pump/encode", "/reconstruct"])
def test_a_bad_body_is_said_in_the_one_form(
    client: TestClient, path: str, body: bytes, expected: tuple[int, str]
) -> None:
    response = client.post(path, content=body, headers={"content-type": "application/json"})
    assert error_of(response) == expected


@pytest.mark.parametrize("content_type", ["text/csv", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_another_content_type_is_refused(client: TestClient, content_type: str) -> None:
    response = client.post("/score", content=json.dumps(GOOD), headers={"content-type": content_type})
    assert error_of(response) == (415, "unsupported_type")


@pytest.mark.parametrize("encoding", ["br", "gzip, zstd", "gzip, gzip", ""])
def test_a_body_compressed_in_another_way_is_refused(client: TestClient, encoding: str) -> None:
    response = client.post("/score", json=GOOD, headers={"content-encoding": encoding})
    assert error_of(response) == (415, "unsupported_type")


@pytest.mark.parametrize("headers", [{}, {"content-type": "Application/JSON; charset=utf-8"}])
def test_json_is_taken_with_parameters_and_without_a_type(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/score", content=json.dumps(GOOD).encode(), headers=headers).status_code == 200


def test_a_body_declared_too_large_is_refused(models: Models) -> None:
    response = client_of(models, Limits(body_bytes=100)).post("/score", content=b"x" * 101)
    assert error_of(response) == (413, "body_too_large")
    assert response.json()["error"]["details"] == {"max_bytes": 100}


def test_a_body_that_turns_out_too_large_is_refused(models: Models) -> None:
    def chunks() -> Iterator[bytes]:
        yield from [b"x" * 60] * 3

    response = client_of(models, Limits(body_bytes=100)).post("/score", content=chunks())
    assert error_of(response) == (413, "body_too_large")


def test_too_many_samples_are_refused(models: Models) -> None:
    response = client_of(models, Limits(samples=2)).post("/score", json={"samples": [[8, 120, 45, 11]] * 3})
    assert error_of(response) == (413, "too_many_samples")


def test_a_request_without_a_name_needs_a_default(tmp_path: Path) -> None:
    put_bundle(tmp_path)
    put_bundle(tmp_path, name="valve")
    client = client_of(load_models(tmp_path, "cpu"))
    assert error_of(client.post("/score", json=GOOD)) == (404, "no_default_model")
    assert client.post("/models/valve/score", json=GOOD).status_code == 200


def test_a_model_without_a_good_version_is_not_ready(tmp_path: Path) -> None:
    put_bundle(tmp_path)
    put_bundle(tmp_path, name="valve", change=fail_golden_check)
    client = client_of(load_models(tmp_path, "cpu"))
    for response in (client.post("/models/valve/score", json=GOOD), client.get("/models/valve")):
        assert error_of(response) == (503, "not_ready")
        assert int(response.headers["retry-after"]) > 0
    assert client.post("/models/pump/score", json=GOOD).status_code == 200
    assert error_of(client.get("/health/ready")) == (503, "not_ready")
    assert client.get("/health/live").status_code == 200
    assert client.get("/models").json()["models"][1]["version"] is None


def test_a_refused_version_is_listed_beside_the_one_served(tmp_path: Path) -> None:
    put_bundle(tmp_path)
    put_bundle(tmp_path, version=2, change=fail_golden_check)
    client = client_of(load_models(tmp_path, "cpu"))
    (listed,) = client.get("/models").json()["models"]
    assert listed["version"] == 1
    assert "golden" in listed["refused"][0]["reason"]
    assert client.get("/health/ready").json() == {"status": "ready", "models": {"pump": 1}}


def test_a_service_about_to_stop_is_not_ready_and_still_answers(models: Models) -> None:
    draining = asyncio.Event()
    client = client_of(models, draining=draining)
    assert client.get("/health/ready").status_code == 200
    draining.set()
    response = client.get("/health/ready")
    assert error_of(response) == (503, "not_ready")
    assert client.head("/health/ready").status_code == 503
    assert int(response.headers["retry-after"]) > 0
    scored = client.post("/score", json=GOOD)
    assert (scored.status_code, scored.headers["connection"]) == (200, "close")


def test_a_model_is_described_without_its_files(client: TestClient, pump: ServedModel) -> None:
    card = client.get("/models/pump").json()
    assert [feature["name"] for feature in card["features"]] == [*pump.spec.names]
    assert card["threshold"] == pump.manifest.threshold.model_dump()
    assert card["provider"] == "cpu"
    written = json.dumps(card)
    assert "onnx" not in written
    assert all(entry.sha256 not in written for entry in pump.manifest.files.values())


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_a_probe_may_ask_for_the_head_alone(client: TestClient, path: str) -> None:
    head, whole = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


def test_scores_show_in_the_metrics(models: Models) -> None:
    client = client_of(models)
    client.post("/score", json={"samples": [*clean_rows(50).tolist(), [1, None, 1, 1]]})
    text = client.get("/metrics").text
    assert 'plumbline_samples_total{model="pump",verdict="invalid",version="1"} 1.0' in text
    assert 'plumbline_rejected_samples_total{model="pump",reason="missing_value"} 1.0' in text
    assert 'plumbline_score_ratio_count{model="pump",version="1"} 50.0' in text


def test_the_documentation_page_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "https://" not in page
    assert client.get("/docs/assets/swagger-ui-bundle.js").status_code == 200
    assert client.get("/docs/assets/swagger-ui.css").status_code == 200
