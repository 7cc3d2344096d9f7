"""The service as a process, its requests traced to a receiver."""

import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import CLEAN, run, serving
from tests.service.tracing.receiver import receiving

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = {"traceparent": f"00-{TRACE}-{SPAN}-01"}
SAMPLES = {"samples": [[8.0, 120.0, 45.0, 11.0]]}


@pytest.mark.parametrize("workers", [1, 2])
def test_every_request_makes_a_span_whichever_way_it_is_answered(tmp_path: Path, workers: int) -> None:
    with (
        receiving() as receiver,
        serving(
            GOLDEN_MODELS,
            tmp_path / "log",
            workers=workers,
            PLUMBLINE_TRACES=receiver.url,
            OTEL_BSP_SCHEDULE_DELAY="50",
        ) as service,
        httpx2.Client(base_url=service.url) as client,
    ):
        client.post("/score", json=SAMPLES, headers={"x-request-id": "hot", **PARENT})
        client.post("/models/pump/score", json={**SAMPLES, "explain": True}, headers={"x-request-id": "cool", **PARENT})
        client.post("/score", json={"samples": 3}, headers={"x-request-id": "refused"})
        client.get("/models/none", headers={"x-request-id": "absent"})
        hot, cool, refused, absent = (receiver.of_request(name) for name in ("hot", "cool", "refused", "absent"))
        scored = {"plumbline.model": "pump", "plumbline.version": 1, "plumbline.samples": 1}
        assert (hot.span.name, cool.span.name) == ("POST /score", "POST /models/{name}/score")
        for one in (hot, cool):
            assert (one.span.trace_id.hex(), one.span.parent_span_id.hex()) == (TRACE, SPAN)
            assert one.attributes.items() >= scored.items()
            assert 0 < one.span.end_time_unix_nano - one.span.start_time_unix_nano < 60e9
        assert (refused.attributes["http.response.status_code"], refused.span.parent_span_id) == (422, b"")
        assert absent.attributes["http.response.status_code"] == 404
        assert service.line("request_id", "hot")["trace_id"] == TRACE
        assert service.line("request_id", "cool")["trace_id"] == TRACE
        assert service.line("request_id", "refused")["trace_id"] == refused.span.trace_id.hex()


@pytest.mark.parametrize("workers", [1, 2])
def test_the_end_sends_what_is_left(tmp_path: Path, workers: int) -> None:
    with receiving() as receiver:
        log, url = tmp_path / "log", receiver.url
        with serving(
            GOLDEN_MODELS, log, workers=workers, PLUMBLINE_TRACES=url, OTEL_BSP_SCHEDULE_DELAY="3600000"
        ) as service:
            for _ in range(10):
                assert httpx2.post(f"{service.url}/score", json=SAMPLES).status_code == 200
            assert receiver.spans == []
            service.process.terminate()
            assert service.process.wait(60) == 0
        assert [one.span.name for one in receiver.spans] == ["POST /score"] * 10


def test_a_receiver_that_is_down_slows_nobody_and_is_told_of(tmp_path: Path) -> None:
    with receiving() as receiver:
        gone = receiver.url
    with serving(GOLDEN_MODELS, tmp_path / "log", PLUMBLINE_TRACES=gone, OTEL_BSP_SCHEDULE_DELAY="50") as service:
        for _ in range(20):
            assert httpx2.post(f"{service.url}/score", json=SAMPLES).elapsed.total_seconds() < 5
        assert service.line("level", "warning")["logger"].startswith("opentelemetry.")


def test_a_request_s_trace_is_logged_where_none_are_sent(tmp_path: Path) -> None:
    with serving(GOLDEN_MODELS, tmp_path / "log") as service:
        for name, path in (("hot", "/score"), ("cool", "/reconstruct")):
            httpx2.post(f"{service.url}{path}", json=SAMPLES, headers={"x-request-id": name, **PARENT})
            assert service.line("request_id", name)["trace_id"] == TRACE
        httpx2.post(f"{service.url}/score", json=SAMPLES, headers={"x-request-id": "bare"})
        assert "trace_id" not in service.line("request_id", "bare")


def test_nothing_of_it_is_loaded_unless_traces_are_asked_for() -> None:
    program = "import sys, service.command, service.worker, service.server; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in loaded if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter", "requests"))]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_traces_without_the_extra_are_refused_in_a_sentence(tmp_path: Path, workers: str) -> None:
    hidden = "import sys; sys.modules['opentelemetry.sdk'] = None; from service.command import main; main()"
    finished = subprocess.run(
        [sys.executable, "-c", hidden, "--models", str(GOLDEN_MODELS), "--port", "0", "--workers", workers],
        env=CLEAN | {"PLUMBLINE_TRACES": "http://127.0.0.1:4318", "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 2
    assert "pip install 'plumbline[otel]'" in finished.stdout + finished.stderr


def test_a_setting_that_names_no_receiver_is_refused() -> None:
    finished = run("--models", str(GOLDEN_MODELS), PLUMBLINE_TRACES="collector:4317")
    assert finished.returncode == 2
    assert "PLUMBLINE_TRACES" in finished.stdout + finished.stderr
