"""The answers on docs/api.md that no single request gets: each is provoked, and has the form that the page shows."""

import asyncio
import json
import socket
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry

from model.bundle import read_bundle
from model.scorer import Scorer
from service.access.access import Access
from service.access.keys_file import RateLimit
from service.access.watched_keys import WatchedKeys
from service.app import create_app
from service.error_answer import STATUS
from service.limits import Limits, QueueBounds
from service.metrics import Metrics
from service.registry.directory import ModelsDirectory, load_models
from service.registry.loading import Loader
from service.registry.models import Models, NamedModel, ServedModel
from service.registry.registry import Registry
from service.registry.routes import version_routes
from service.registry.slot import Loaded
from service.streams import database
from service.streams.store import StreamStore
from service.turned_away import HEAD_BYTES
from tests.docs.api_page import STATUS_BY_CODE, examples, form
from tests.service.access.keys import add_key, bearer
from tests.service.bundles import GOLDEN_MODELS, PUMP, fail_golden_check, put_bundle
from tests.service.programs import serving

GOOD = {"samples": [[8.1, 121.5, 45.2, 11.1]], "ids": [1]}
SHOWN = {example.name: example.shown for example in examples("json") if example.name}
# None of these is an error class: the framework finds them, or the connection does.
NOT_RAISED = {
    "not_found": 404,
    "method_not_allowed": 405,
    "bad_request": 400,
    "head_too_large": 431,
    "too_many_connections": 503,
    "internal_error": 500,
}

Answer = tuple[int, Any]


def post(models: Models, path: str, content: bytes, queue: QueueBounds | None = None, timeout: str = "30") -> Answer:
    app = create_app(models, Limits(), Metrics(CollectorRegistry()), asyncio.Event(), queue=queue)

    @app.post("/broken")
    async def fail() -> None:
        raise RuntimeError

    response = TestClient(app).post(path, content=content, headers={"X-Request-Timeout": timeout})
    return response.status_code, response.json()


def golden() -> Models:
    return load_models(GOLDEN_MODELS, "cpu")


def two_models(folder: Path, change: Callable[..., None] | None = None) -> Models:
    put_bundle(folder)
    put_bundle(folder, name="valve", change=change)
    return load_models(folder, "cpu")


def stop_sending(folder: Path) -> Answer:
    with serving(GOLDEN_MODELS, folder / "log", PLUMBLINE_MAX_BODY_SECONDS="0.2") as service:
        connection = HTTPConnection(urlsplit(service.url).netloc)
        connection.putrequest("POST", "/score")
        connection.putheader("Content-Length", "100")
        connection.endheaders(b"{")
        answer = connection.getresponse()
        said = json.load(answer)
        connection.close()
        return answer.status, said


def send_bytes(folder: Path, sent: bytes) -> Answer:
    with serving(GOLDEN_MODELS, folder / "log") as service:
        at = urlsplit(service.url)
        with socket.create_connection((at.hostname or "", at.port or 0)) as connection:
            connection.sendall(sent)
            answer = HTTPResponse(connection)
            answer.begin()
            return answer.status, json.load(answer)


def send_a_long_head(folder: Path) -> Answer:
    return send_bytes(folder, b"GET / HTTP/1.1\r\nX-Long: " + b"x" * HEAD_BYTES)  # and no end


def send_no_request(folder: Path) -> Answer:
    return send_bytes(folder, b"no request\r\n\r\n")


def connect_once_too_often(folder: Path) -> Answer:
    with serving(GOLDEN_MODELS, folder / "log", PLUMBLINE_MAX_CONNECTIONS="1") as service:
        at = urlsplit(service.url)
        with socket.create_connection((at.hostname or "", at.port or 0)):
            answer = httpx2.get(f"{service.url}/health/live")
            return answer.status_code, answer.json()


def without_latent() -> Models:
    found = golden().get("pump")
    manifest = found.manifest.model_copy(update={"detector": "knn"})
    return Models({"pump": NamedModel("pump", replace(ServedModel.of(Loaded(found.scorer)), manifest=manifest))})


def judging_images() -> Models:
    found = golden().get("pump")
    manifest = found.manifest.model_copy(update={"modality": "image"})
    return Models({"pump": NamedModel("pump", replace(found, manifest=manifest))})


def hold_the_file_of_streams(folder: Path) -> Answer:
    with pytest.MonkeyPatch.context() as patch, sqlite3.connect(folder / "streams", isolation_level=None) as other:
        patch.setattr(database, "BUSY_SECONDS", 0.01)
        streams = StreamStore(folder / "streams")
        other.execute("BEGIN EXCLUSIVE")
        app = create_app(golden(), Limits(), Metrics(CollectorRegistry()), asyncio.Event(), streams=streams)
        response = TestClient(app).post("/streams/line-3/rows", json={"rows": GOOD["samples"]})
        other.execute("ROLLBACK")
        streams.close()
    other.close()
    return response.status_code, response.json()


def decide(folder: Path, what: str, body: object = None, change: Callable[..., None] | None = None) -> Answer:
    put_bundle(folder)
    if change is not None:
        put_bundle(folder, version=2, change=change)
    registry = Registry(ModelsDirectory(folder), Loader("cpu"))
    metrics = Metrics(CollectorRegistry())
    versions = version_routes(registry, Limits(), metrics, 0)
    app = create_app(registry.open(), Limits(), metrics, asyncio.Event(), versions=versions)
    method, _, path = what.partition(" ")
    response = TestClient(app).request(method, f"/models/pump/{path}", json=body)
    return response.status_code, response.json()


def ask_twice_with_a_key(folder: Path, method: str) -> Answer:
    metrics = Metrics(CollectorRegistry())
    key = add_key(folder / "keys", rate_limit=RateLimit(requests_per_second=0.5, burst=1))
    access = Access(metrics, WatchedKeys(folder / "keys", None, metrics))
    client = TestClient(create_app(golden(), Limits(), metrics, asyncio.Event(), access=access), headers=bearer(key))
    client.post("/score", json=GOOD)
    response = client.request(method, "/models" if method == "GET" else "/score", json=GOOD)
    return response.status_code, response.json()


def ask_without_a_key(folder: Path) -> Answer:
    metrics = Metrics(CollectorRegistry())
    add_key(folder / "keys")
    access = Access(metrics, WatchedKeys(folder / "keys", None, metrics))
    response = TestClient(create_app(golden(), Limits(), metrics, asyncio.Event(), access=access)).get("/models")
    return response.status_code, response.json()


PROVOKED: dict[str, Callable[[Path], Answer]] = {
    "unauthenticated": ask_without_a_key,
    "forbidden": lambda folder: ask_twice_with_a_key(folder, "GET"),
    "rate_limited": lambda folder: ask_twice_with_a_key(folder, "POST"),
    "no_default_model": lambda folder: post(two_models(folder), "/score", b"{}"),
    "no_latent": lambda _: post(without_latent(), "/encode", b"{}"),
    "no_streams": lambda _: post(judging_images(), "/streams/line-3/rows", b"{}"),
    "streams_unavailable": hold_the_file_of_streams,
    "version_refused": lambda folder: decide(folder, "POST pin", {"version": 2}, fail_golden_check),
    "not_comparable": lambda folder: decide(folder, "POST shadow", {"version": 1}),
    "no_shadow": lambda folder: decide(folder, "GET shadow"),
    "no_earlier_version": lambda folder: decide(folder, "POST rollback"),
    "state_unavailable": lambda folder: decide(folder, "POST pin", {"version": 1}),
    "not_ready": lambda folder: post(two_models(folder, fail_golden_check), "/models/valve/score", b"{}"),
    "overloaded": lambda _: post(golden(), "/score", json.dumps(GOOD).encode(), QueueBounds(requests=0)),
    "deadline_exceeded": lambda _: post(golden(), "/score", json.dumps(GOOD).encode(), timeout="1e-9"),
    "body_too_large": lambda _: post(golden(), "/score", b" " * (Limits().body_bytes + 1)),
    "too_many_samples": lambda _: post(golden(), "/score", json.dumps({"samples": [[1]] * 10_001}).encode()),
    "internal_error": lambda _: post(golden(), "/broken", b""),
    "body_timeout": stop_sending,
    "bad_request": send_no_request,
    "head_too_large": send_a_long_head,
    "too_many_connections": connect_once_too_often,
}


@pytest.mark.parametrize("code", PROVOKED)
def test_an_error_that_no_single_request_gets_has_the_form_shown(code: str, tmp_path: Path) -> None:
    status, said = PROVOKED[code](tmp_path)
    assert form(said) == form(SHOWN[code])
    assert status == STATUS_BY_CODE[code]


def test_a_sample_between_two_thresholds_is_for_review_as_shown() -> None:
    bundle = read_bundle(PUMP)
    lower = bundle.manifest.threshold.model_copy(update={"value": 0.0, "target_fpr": 0.5})
    scorer = Scorer(replace(bundle, manifest=bundle.manifest.model_copy(update={"review_threshold": lower})))
    served = ServedModel.of(Loaded(scorer))
    _, said = post(Models({"pump": NamedModel("pump", served)}), "/score", json.dumps(GOOD).encode())
    assert form(said["results"][0]) == form(SHOWN["review"])


def test_every_error_is_in_the_table_with_its_status_and_has_an_example() -> None:
    assert {code: status for status, code in STATUS.values()} | NOT_RAISED == STATUS_BY_CODE
    shown = [example.shown for example in examples("json")]
    assert {answer["error"]["code"] for answer in shown if "error" in answer} == set(STATUS_BY_CODE)


def test_everything_that_the_page_names_is_provoked() -> None:
    assert set(SHOWN) == {*PROVOKED, "review"}
