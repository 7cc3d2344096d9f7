"""Requests of the Open Inference Protocol: the hot path says what the application's routes say, in their form."""

import asyncio
import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any, cast

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from service.app import create_app
from service.hot_path.exchange import Exchange
from service.hot_path.front import Front
from service.hot_path.inference_request import HEAD_BYTES
from service.limits import Limits, QueueBounds
from service.metrics import Metrics
from service.protocols.v2.binary import HEADER
from service.registry.models import Models
from service.sample_request import INLINE_BYTES
from tests.samples import clean_rows
from tests.service.bundles import GOLDEN_MODELS
from tests.service.hot_path.test_front import GOOD, address
from tests.service.programs import Serving, serving

PATH = "/v2/models/pump/infer"
ROWS = np.tile(GOOD, (3, 1))
ODD = np.array([GOOD, [8.0, 120.0, np.nan, 11.0], [8.0, 120.0, 45.0, 60.0]])
RAW_OUTPUT = {"binary_data_output": True}


def tensor(x: Any, datatype: str = "FP64", name: str = "x", **fields: object) -> dict[str, object]:
    return {"name": name, "shape": list(np.shape(x)), "datatype": datatype, **fields}


def in_json(x: Any, name: str = "x") -> dict[str, object]:
    return tensor(x, name=name, data=np.asarray(x).tolist())


def raw(x: Any, dtype: str, datatype: str, **fields: object) -> tuple[bytes, dict[str, str]]:
    """Write a request with binary data, and the header that says where it begins."""
    data = np.asarray(x).astype(dtype).tobytes()
    text = json.dumps({"inputs": [tensor(x, datatype, parameters={"binary_data_size": len(data)})], **fields}).encode()
    return text + data, {HEADER: str(len(text)), "Content-Type": "application/octet-stream"}


def body(**fields: object) -> tuple[bytes, dict[str, str]]:
    return json.dumps(fields).encode(), {}


CASES: dict[str, tuple[bytes, dict[str, str]]] = {
    "as JSON": body(inputs=[in_json(ROWS)]),
    "one, under an id": body(inputs=[in_json(ROWS[:1])], id="press 7"),
    "by feature": body(
        inputs=[
            in_json(ROWS[:, column], name) for column, name in enumerate(("pressure", "flow", "temperature", "current"))
        ]
    ),
    "a null, and an anomaly": body(inputs=[tensor(ODD, data=[[8, 120, 45, 11], [8, 120, None, 11], [8, 120, 45, 60]])]),
    "a text": body(inputs=[tensor(ROWS[:1], data=[8, "120", 45, 11])]),
    "two outputs": body(inputs=[in_json(ROWS)], outputs=[{"name": "verdict"}, {"name": "score"}]),
    "float32": raw(ROWS, "<f4", "FP32"),
    "float32, raw outputs": raw(ODD, "<f4", "FP32", parameters=RAW_OUTPUT),
    "float64, wherever it begins": raw(ROWS, "<f8", "FP64", id="12345678", parameters=RAW_OUTPUT),
    "the same, a byte on": raw(ROWS, "<f8", "FP64", id="123456789", parameters=RAW_OUTPUT),
    "float16": raw(ROWS, "<f2", "FP16", parameters=RAW_OUTPUT),
    "integers": raw(ROWS, "<i4", "INT32", parameters=RAW_OUTPUT),
    "much": raw(clean_rows(3_000), "<f8", "FP64", parameters=RAW_OUTPUT),
    "much, with outputs as JSON": raw(clean_rows(3_000), "<f8", "FP64"),
    "much JSON": body(inputs=[in_json(clean_rows(3_000))]),
    "a long head": raw(ROWS, "<f4", "FP32", parameters={"priority": "x" * HEAD_BYTES}),
    "no header for its data": (raw(ROWS, "<f4", "FP32")[0], {}),
    "a header that is no number": (raw(ROWS, "<f4", "FP32")[0], {HEADER: "many"}),
    "a header beyond the body": (raw(ROWS, "<f4", "FP32")[0], {HEADER: "999999"}),
    "an unknown field": body(inputs=[in_json(ROWS)], sequence=1),
    "other shape": body(inputs=[in_json(ROWS[:, :3])]),
    "more than may be": body(inputs=[tensor(np.zeros((20_000, 4)), data=[])]),
    "no JSON": (b"{", {}),
    "nothing": (b"", {}),
    "other type": (b"x", {"Content-Type": "text/plain"}),
    "no time": (CASE_BODY := json.dumps({"inputs": [in_json(ROWS)]}).encode(), {"X-Request-Timeout": "1e-9"}),
    "no sensible time": (CASE_BODY, {"X-Request-Timeout": "soon"}),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(GOLDEN_MODELS, tmp_path_factory.mktemp("inference") / "log") as service:
        yield service


def both(
    service: Serving, client: TestClient, case: str, path: str = PATH, content: bytes | None = None
) -> tuple[Any, Any]:
    """Ask the service over its hot path, and the application as any other server would."""
    usual, headers = CASES[case]
    content = usual if content is None else content
    headers = {"Content-Type": "application/json", "X-Request-ID": "r1", **headers}
    connection = HTTPConnection(*address(service))
    connection.request("POST", path, content, headers)
    front = connection.getresponse()
    names = ("content-type", "x-request-id", HEADER)
    found = front.status, [front.getheader(name) for name in names], front.read()
    connection.close()
    routed = client.post(path, content=content, headers=headers)
    return found, (routed.status_code, [routed.headers.get(name) for name in names], routed.content)


@pytest.mark.parametrize("case", CASES)
def test_the_hot_path_answers_what_the_application_answers(service: Serving, client: TestClient, case: str) -> None:
    front, routed = both(service, client, case)
    assert front == routed
    assert (front[0] == 200) == ([*CASES].index(case) <= [*CASES].index("a long head"))


@given(case=st.sampled_from([*CASES][:12]), place=st.floats(0, 1), piece=st.binary(max_size=3), lost=st.integers(0, 3))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_both_say_the_same(
    service: Serving, client: TestClient, case: str, place: float, piece: bytes, lost: int
) -> None:
    usual = CASES[case][0]
    at = int(place * len(usual))
    front, routed = both(service, client, case, content=usual[:at] + piece + usual[at + lost :])
    assert front == routed


@pytest.mark.parametrize(
    "path",
    ["/v2/models/valve/infer", "/v2/models//infer", "/v2/models/pump/versions/1/infer", "/models/pump/infer", "/infer"],
)
def test_other_paths_are_answered_by_the_application(service: Serving, client: TestClient, path: str) -> None:
    front, routed = both(service, client, "float32", path)
    assert front == routed
    assert (front[0] == 200) == ("versions" in path)


def front_of(models: Models, queue: QueueBounds | None = None) -> Front:
    app = create_app(models, Limits(), Metrics(CollectorRegistry()), asyncio.Event(), queue=queue)
    return cast("Front", app.state.front)


class Nobody:
    def answer(self, exchange: Exchange, status: int, headers: bytes, body: bytes) -> None:
        pass


@pytest.mark.parametrize(
    ("case", "is_taken"),
    [
        ("float32", True),
        ("as JSON", True),
        ("much", True),
        ("much, with outputs as JSON", False),
        ("much JSON", False),
        ("a long head", False),
    ],
)
def test_what_takes_long_to_read_or_to_write_is_left_to_the_application(
    models: Models, case: str, is_taken: bool
) -> None:
    async def take() -> bool:
        front = front_of(models)
        content, said = CASES[case]
        headers = [(name.lower().encode(), value.encode()) for name, value in said.items()]
        headers.append((b"content-length", str(len(content)).encode()))
        exchange = front.open(Nobody(), b"POST", PATH.encode(), headers)
        assert exchange is not None
        exchange.body += content
        return bool(front.go_on(exchange))

    assert min(len(CASES["much"][0]), len(CASES["much JSON"][0])) > INLINE_BYTES
    assert asyncio.run(take()) is is_taken


def test_a_refusal_has_the_form_of_the_protocol(models: Models) -> None:
    said: list[tuple[int, bytes, bytes]] = []

    class Client(Nobody):
        def answer(self, exchange: Exchange, status: int, headers: bytes, body: bytes) -> None:
            said.append((status, headers, body))

    async def ask() -> None:
        front = front_of(models, QueueBounds(requests=0))
        exchange = front.open(Client(), b"POST", PATH.encode(), [(b"content-length", b"2")])
        assert exchange is not None
        front.admit(exchange, PATH.encode(), None)

    asyncio.run(ask())
    [(status, headers, body)] = said
    assert status == 503
    assert b"retry-after: " in headers
    assert json.loads(body) == {"error": "0 requests are waiting; try again"}


def test_each_is_counted_and_logged_under_its_route(service: Serving) -> None:
    connection = HTTPConnection(*address(service))
    content, headers = CASES["float32, raw outputs"]
    connection.request("POST", PATH, content, {"X-Request-ID": "inferred", **headers})
    connection.getresponse().read()
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    line = service.line("request_id", "inferred")
    assert line["route"] == "/v2/models/{name}/infer"
    assert line["verdicts"] == {"normal": 1, "anomaly": 1, "invalid": 1}
    assert 'plumbline_request_duration_seconds_count{route="/v2/models/{name}/infer",status="200"}' in text
