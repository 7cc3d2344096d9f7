"""The hot path says what the application's routes say, and takes requests in whatever pieces they come."""

import json
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import orjson
import pyarrow as pa
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings

from service.formats.arrow_messages import ARROW
from tests.samples import FEATURES, clean_rows
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import Serving, serving
from tests.service.test_any_body import BODY

GOOD = [8.0, 120.0, 45.0, 11.0]
PLAIN = orjson.dumps({"samples": [GOOD]})
HEAD = b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Request-ID: r1\r\n"
BODIES = {
    "one": PLAIN,
    "many": orjson.dumps({"samples": clean_rows(300).tolist()}),
    "ids": orjson.dumps({"samples": [GOOD, GOOD], "ids": ["a", 7]}),
    "null ids": orjson.dumps({"samples": [GOOD], "ids": None}),
    "too few ids": orjson.dumps({"samples": [GOOD, GOOD], "ids": ["a"]}),
    "ids of objects": orjson.dumps({"samples": [GOOD], "ids": [{}]}),
    "named": b'{"samples": [{"pressure": 8, "flow": 120, "temperature": 45, "current": 11}]}',
    "explained": orjson.dumps({"samples": [GOOD], "explain": True}),
    "explained by an escape": b'{"samples": [[8, 120, 45, 11]], "ex\\u0070lain": true}',
    "an anomaly": orjson.dumps({"samples": [[8.0, 120.0, 45.0, 60.0]]}),
    "a null": b'{"samples": [[8, 120, null, 11], [8, 120, 45, 11]]}',
    "NaN": b'{"samples": [[8, 120, NaN, 11]]}',
    "a boolean": b'{"samples": [[8, 120, true, 11]]}',
    "a text": b'{"samples": [[8, 120, "true", 11]]}',
    "beyond floating point": b'{"samples": [[8, 120, 1e999, 11]]}',
    "a large integer": b'{"samples": [[8, 120, 123456789012345678901234567890, 11]]}',
    "too short": b'{"samples": [[8, 120, 45]]}',
    "ragged": b'{"samples": [[8, 120, 45], [8, 120, 45, 11, 3]]}',
    "no sample": b'{"samples": []}',
    "no samples": b"{}",
    "an unknown field": b'{"samples": [[8, 120, 45, 11]], "sample": 1}',
    "not an object": b"[[8, 120, 45, 11]]",
    "no JSON": b'{"samples": [[8, 120,',
    "no text": b"\xff\xfe",
    "nothing": b"",
    "samples twice": b'{"samples": [[1, 2, 3, 4]], "samples": [[8, 120, 45, 11]]}',
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    log = tmp_path_factory.mktemp("front") / "log"
    with serving(GOLDEN_MODELS, log, PLUMBLINE_MAX_BODY_SECONDS="1") as service:
        yield service


def address(service: Serving) -> tuple[str, int]:
    at = urlsplit(service.url)
    return at.hostname or "", at.port or 0


def ask(
    connection: HTTPConnection, body: bytes, path: str = "/score", **headers: str
) -> tuple[int, dict[str, str], Any]:
    connection.request("POST", path, body, {"Content-Type": "application/json", "X-Request-ID": "r1"} | headers)
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, json.loads(answer.read())


def both(service: Serving, client: TestClient, body: bytes, path: str = "/score") -> tuple[Any, Any]:
    """Ask the service over its hot path, and the application as any other server would."""
    connection = HTTPConnection(*address(service))
    front = ask(connection, body, path)
    connection.close()
    routed = client.post(path, content=body, headers={"Content-Type": "application/json", "X-Request-ID": "r1"})
    names = ("content-type", "x-request-id", "retry-after")
    return (
        (front[0], {name: front[1].get(name) for name in names}, front[2]),
        (routed.status_code, {name: routed.headers.get(name) for name in names}, routed.json()),
    )


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", ["/score", "/models/pump/score"])
def test_the_hot_path_answers_what_the_application_answers(
    service: Serving, client: TestClient, name: str, path: str
) -> None:
    front, routed = both(service, client, BODIES[name], path)
    assert front == routed


@pytest.mark.parametrize("path", ["/models/valve/score", "/models/..%2Fpump/score", "/score/", "/models//score"])
def test_a_path_that_is_no_models_is_answered_by_the_application(
    service: Serving, client: TestClient, path: str
) -> None:
    front, routed = both(service, client, PLAIN, path)
    assert front == routed
    assert front[0] == 404


RAW = {"Content-Type": "application/octet-stream", "X-Plumbline-Shape": "3,4", "X-Plumbline-Dtype": "float32"}


@pytest.mark.parametrize("accept", [ARROW, "*/*"])
@pytest.mark.parametrize(
    "case", ["floats", "absent values", "other length", "no shape", "Arrow", "other columns", "a text"]
)
def test_other_types_are_answered_the_same_on_both_ways(
    service: Serving, client: TestClient, case: str, accept: str
) -> None:
    x = np.tile(np.array(GOOD, dtype="<f4"), (3, 1))
    headers, body = dict(RAW), x.tobytes()
    if case == "absent values":
        x[1, 2] = np.nan
        body = x.tobytes()
    elif case == "other length":
        body = x[:2].tobytes()
    elif case == "no shape":
        del headers["X-Plumbline-Shape"]
    elif case == "a text":
        headers, body = {"Content-Type": "text/plain"}, PLAIN
    elif case in ("Arrow", "other columns"):
        names = [feature.name for feature in FEATURES]
        table = pa.table({name: x[:, column].astype(float) for column, name in enumerate(names)})
        table = (
            table.append_column("id", pa.array(["a", "b", "c"])) if case == "Arrow" else table.rename_columns([*"wxyz"])
        )
        stream = pa.BufferOutputStream()
        with pa.ipc.new_stream(stream, table.schema) as writer:
            writer.write_table(table)
        headers, body = {"Content-Type": ARROW}, stream.getvalue().to_pybytes()
    headers |= {"Accept": accept, "X-Request-ID": "r1"}
    connection = HTTPConnection(*address(service))
    connection.request("POST", "/score", body, headers)
    front = connection.getresponse()
    found = front.status, front.getheader("content-type"), front.read()
    connection.close()
    routed = client.post("/score", content=body, headers=headers)
    assert found == (routed.status_code, routed.headers["content-type"], routed.content)
    assert (found[0] == 200) == (case in ("floats", "absent values", "Arrow"))
    assert (found[1] == ARROW) == (found[0] == 200 and accept == ARROW)


@given(BODY)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_both_say_the_same(service: Serving, client: TestClient, body: object) -> None:
    front, routed = both(service, client, json.dumps(body).encode())
    assert front == routed


@pytest.mark.parametrize("cuts", [1, 7, 60])
def test_a_request_may_come_in_pieces(service: Serving, cuts: int) -> None:
    whole = HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(PLAIN), PLAIN)
    step = len(whole) // cuts + 1
    with socket.create_connection(address(service)) as connection:
        for start in range(0, len(whole), step):
            connection.sendall(whole[start : start + step])
            time.sleep(0.002)
        answer = HTTPResponse(connection)
        answer.begin()
        assert json.loads(answer.read())["results"][0]["verdict"] == "normal"


def test_pipelined_requests_are_answered_in_their_order(service: Serving) -> None:
    requests = b"".join(
        b"POST %b HTTP/1.1\r\nHost: x\r\nX-Request-ID: %d\r\nContent-Length: %d\r\n\r\n%b"
        % (path, number, len(body), body)
        for number, (path, body) in enumerate(
            [
                (b"/score", PLAIN),
                (b"/encode", PLAIN),
                (b"/score", BODIES["many"]),
                (b"/score", b"{"),
                (b"/score", PLAIN),
            ]
        )
    )
    with socket.create_connection(address(service)) as connection:
        connection.sendall(requests)
        found = []
        stream = connection.makefile("rb")
        for _ in range(5):
            head = b"".join(iter(stream.readline, b"\r\n")).decode().lower()
            fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
            stream.read(int(fields["content-length"]))
            found.append((fields["x-request-id"], head[9:12]))
    assert found == [("0", "200"), ("1", "200"), ("2", "200"), ("3", "400"), ("4", "200")]


def test_the_next_request_may_follow_on_the_same_connection(service: Serving) -> None:
    connection = HTTPConnection(*address(service))
    answers = [ask(connection, BODIES[name]) for name in ("one", "no JSON", "explained", "many")]
    connection.close()
    assert [status for status, _, _ in answers] == [200, 400, 200, 200]


@pytest.mark.parametrize(("version", "header"), [(b"1.0", b""), (b"1.1", b"Connection: close\r\n")])
def test_a_connection_that_is_to_end_ends_with_the_answer(service: Serving, version: bytes, header: bytes) -> None:
    head = HEAD.replace(b"1.1", version) + header
    with socket.create_connection(address(service)) as connection:
        connection.sendall(head + b"Content-Length: %d\r\n\r\n%b" % (len(PLAIN), PLAIN))
        answer = connection.makefile("rb").read()
    assert b"\r\nconnection: close\r\n" in answer
    assert answer.endswith(b"}]}")


@pytest.mark.parametrize(
    "header", [b"Transfer-Encoding: chunked\r\n", b"Expect: 100-continue\r\nContent-Length: 35\r\n"]
)
def test_what_the_hot_path_leaves_is_answered_all_the_same(service: Serving, header: bytes) -> None:
    body = b"23\r\n%b\r\n0\r\n\r\n" % PLAIN if header.startswith(b"T") else PLAIN
    assert len(PLAIN) == 0x23
    with socket.create_connection(address(service)) as connection:
        connection.sendall(HEAD + header + b"Connection: close\r\n\r\n" + body)
        assert b'"verdict":"normal"' in connection.makefile("rb").read()


def test_a_body_that_does_not_come_is_not_waited_for(service: Serving) -> None:
    with socket.create_connection(address(service)) as connection:
        connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
        answer = HTTPResponse(connection)
        answer.begin()
        assert (answer.status, json.loads(answer.read())["error"]["code"]) == (408, "body_timeout")
        assert answer.getheader("connection") == "close"
    assert service.line("status", 408)["route"] == "/score"


def test_a_client_that_goes_away_in_the_middle_is_written_down(service: Serving) -> None:
    with socket.create_connection(address(service)) as connection:
        connection.sendall(HEAD.replace(b"r1", b"gone") + b"Content-Length: 100\r\n\r\n{")
        time.sleep(0.1)
    assert service.line("request_id", "gone")["status"] == 499


def test_a_deadline_that_has_passed_is_answered_and_nothing_is_scored(service: Serving) -> None:
    connection = HTTPConnection(*address(service))
    status, _, said = ask(connection, PLAIN, **{"X-Request-Timeout": "1e-9"})
    connection.close()
    assert (status, said["error"]["code"]) == (504, "deadline_exceeded")


def test_each_request_has_its_line_in_the_log(service: Serving) -> None:
    connection = HTTPConnection(*address(service))
    ask(connection, BODIES["ids"], **{"X-Request-ID": "logged"})
    connection.close()
    line = service.line("request_id", "logged")
    assert line["message"] == "request"
    assert line["verdicts"] == {"normal": 2}
    assert {
        "method": "POST",
        "route": "/score",
        "status": 200,
        "model": "pump",
        "version": 1,
        "samples": 2,
    }.items() <= (line.items())
    assert line["duration_ms"] > 0


def test_metrics_count_what_the_hot_path_answered(tmp_path: Path) -> None:
    with serving(GOLDEN_MODELS, tmp_path / "log") as service:
        connection = HTTPConnection(*address(service))
        for name in ("one", "many", "no JSON"):
            ask(connection, BODIES[name])
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
    assert 'plumbline_samples_total{model="pump",verdict="normal",version="1"} 3' in text
    assert 'plumbline_request_duration_seconds_count{route="/score",status="200"} 2.0' in text
    assert 'plumbline_request_duration_seconds_count{route="/score",status="400"} 1.0' in text
    assert 'plumbline_inference_batch_size_sum{model="pump"} 301.0' in text
