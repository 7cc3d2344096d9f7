"""A real service over real HTTP: processes, signals and sockets."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from service.registry.models import ServedModel
from tests.samples import clean_rows
from tests.service.bundles import GOLDEN_MODELS, fail_golden_check, put_bundle
from tests.service.programs import PATIENCE_SECONDS, Serving, serving

GOOD = {"samples": [[8, 120, 45, 11]]}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(GOLDEN_MODELS, tmp_path_factory.mktemp("service") / "log") as running:
        yield running


def test_scores_arrive_to_the_last_bit(service: Serving, pump: ServedModel) -> None:
    x = clean_rows(300, seed=7)
    answer = httpx2.post(f"{service.url}/score", json={"samples": x.tolist()}).json()
    assert [result["score"] for result in answer["results"]] == pump.scorer.score(x).score.tolist()


def test_a_service_that_serves_is_ready(service: Serving) -> None:
    assert httpx2.get(f"{service.url}/health/ready").json() == {"status": "ready", "models": {"pump": 1}}


def test_every_line_of_the_log_is_json_and_a_request_has_one(service: Serving) -> None:
    httpx2.post(f"{service.url}/score", json=GOOD, headers={"X-Request-ID": "logged-once"})
    assert service.line("request_id", "logged-once")["route"] == "/score"
    assert [line.get("request_id") for line in service.lines].count("logged-once") == 1
    assert {"uvicorn.error", "plumbline.server"} <= {line["logger"] for line in service.lines}


def test_the_start_says_what_serves_and_on_what(service: Serving) -> None:
    (start,) = (line for line in service.lines if line["message"] == "serving")
    assert start["models"] == {"pump": 1}
    assert start["provider"] in {"cpu", "cuda"}
    assert start["url"] == service.url


def test_listening_to_others_is_warned_of(tmp_path: Path, service: Serving) -> None:
    allowed = {"PLUMBLINE_ALLOW_ANONYMOUS": "true"}
    with serving(GOLDEN_MODELS, tmp_path / "log", "--host", "0.0.0.0", workers=2, **allowed) as exposed:
        warned = [line for line in exposed.lines if line["level"] == "warning"]
    assert [line["message"] for line in warned] == [
        "others than this machine can connect, and whoever does may do everything",
        "what others send and are sent is not encrypted",
    ]
    assert all(line["level"] != "warning" for line in service.lines if line["logger"] == "plumbline.server")


def test_a_body_too_large_is_refused_while_it_is_sent(service: Serving) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            yield b" " * 65_536

    response = httpx2.post(f"{service.url}/score", content=endless())
    assert response.status_code == 413


def test_a_client_that_leaves_is_logged_as_gone_and_not_as_a_fault(service: Serving) -> None:
    with half_a_request(service.url):
        pass
    gone = service.line("status", 499)
    assert gone["reason"] == "the client closed the connection"
    assert gone["level"] == "info"
    assert all("traceback" not in line for line in service.lines)


def test_refused_versions_are_logged(tmp_path: Path) -> None:
    put_bundle(tmp_path / "models")
    put_bundle(tmp_path / "models", version=2, change=fail_golden_check)
    with serving(tmp_path / "models", tmp_path / "log") as service:
        (refused,) = (line for line in service.lines if line["message"] == "model version refused")
    assert (refused["level"], refused["model"], refused["version"]) == ("error", "pump", 2)
    assert "golden" in refused["reason"]


def test_a_body_that_stops_arriving_is_given_up(tmp_path: Path) -> None:
    with (
        serving(GOLDEN_MODELS, tmp_path / "log", PLUMBLINE_MAX_BODY_SECONDS="0.2") as service,
        half_a_request(service.url) as (connection, _),
    ):
        assert received(connection).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("number", "workers"), [(signal.SIGTERM, 1), (signal.SIGTERM, 2), (signal.SIGHUP, 1)], ids=lambda value: str(value)
)
def test_a_request_in_flight_is_finished_after_a_signal_to_end_and_new_ones_refused(
    tmp_path: Path, number: signal.Signals, workers: int
) -> None:
    with serving(GOLDEN_MODELS, tmp_path / "log", workers=workers) as service:
        with half_a_request(service.url) as (connection, rest):
            service.process.send_signal(number)
            wait_until_refused(service.url)
            connection.sendall(rest)
            answer = received(connection)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b'"verdict":"normal"' in answer
        assert service.wait() == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_a_request_that_never_ends_does_not_hold_up_the_end(tmp_path: Path, workers: int) -> None:
    with (
        serving(GOLDEN_MODELS, tmp_path / "log", workers=workers, PLUMBLINE_DRAIN_SECONDS="1") as service,
        half_a_request(service.url),
    ):
        service.process.send_signal(signal.SIGTERM)
        assert service.wait() == 0


def test_a_notice_says_not_ready_while_requests_are_still_taken(tmp_path: Path) -> None:
    with serving(GOLDEN_MODELS, tmp_path / "log", PLUMBLINE_DRAIN_NOTICE_SECONDS="3") as service:
        assert httpx2.get(f"{service.url}/health/ready").status_code == 200
        service.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + 2
        while (ready := httpx2.get(f"{service.url}/health/ready")).status_code == 200 and time.monotonic() < end:
            time.sleep(0.02)
        assert ready.status_code == 503
        assert ready.json()["error"]["code"] == "not_ready"
        assert httpx2.post(f"{service.url}/score", json=GOOD).status_code == 200
        assert service.wait() == 0


def test_control_c_ends_the_service_in_order_too(tmp_path: Path) -> None:
    with serving(GOLDEN_MODELS, tmp_path / "log") as service:
        service.process.send_signal(signal.SIGINT)
        assert service.wait() == 0


def test_the_metrics_of_two_workers_add_up(tmp_path: Path) -> None:
    with serving(GOLDEN_MODELS, tmp_path / "log", workers=2) as service:
        # A connection each: which worker takes one is the kernel's choice.
        for _ in range(40):
            httpx2.post(f"{service.url}/score", json={"samples": [[8, 120, 45, 11], [8, None, 45, 11]]})
        text = httpx2.get(f"{service.url}/metrics").text
        workers = {line["pid"] for line in service.lines if line["message"] == "serving"}
    assert len(workers) == 2
    assert 'plumbline_samples_total{model="pump",verdict="normal",version="1"} 40.0' in text
    assert 'plumbline_rejected_samples_total{model="pump",reason="missing_value"} 40.0' in text
    assert 'plumbline_golden_check_success{model="pump"} 1.0' in text


@contextmanager
def half_a_request(url: str) -> Iterator[tuple[socket.socket, bytes]]:
    """Send half a score request, the service waiting for the rest; give the connection and the other half."""
    body = json.dumps(GOOD).encode()
    head = f"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), PATIENCE_SECONDS) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1024).startswith(b"HTTP/1.1 100 ")  # sent when the body is first asked for
        connection.sendall(body[:10])
        yield connection, body[10:]


def received(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
        if part.endswith(b"}"):
            break
    return b"".join(parts)


def wait_until_refused(url: str) -> None:
    parts = urlsplit(url)
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            socket.create_connection((parts.hostname or "", parts.port or 0), timeout=1).close()
        except (ConnectionRefusedError, ConnectionResetError):  # reset: taken from the queue as the listener closed
            return
        time.sleep(0.02)
    raise AssertionError("the service still takes connections")
