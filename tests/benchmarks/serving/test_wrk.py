import shutil
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from benchmarks.errors import MeasurementError
from benchmarks.serving.dialects import plain
from benchmarks.serving.request import Request
from benchmarks.serving.wrk import Load, NoAnswerError, drive, read_load, require_wrk
from model.errors import InputError

TEXT = "Running 3s test @ http://127.0.0.1:8000/score\n  1 threads and 16 connections\nTransfer/sec:     1.20MB\n"


def printed(requests: int = 600, bad_statuses: int = 0, broken: int = 0) -> str:
    figures = '"seconds": 3.0, "p50_ms": 1.250, "p99_ms": 9.5'
    return f'{TEXT}{{"requests": {requests}, {figures}, "bad_statuses": {bad_statuses}, "broken": {broken}}}\n'


def test_the_figures_are_read_from_the_last_line() -> None:
    load = read_load(printed())
    assert load == Load(requests=600, seconds=3.0, p50_ms=1.25, p99_ms=9.5)
    assert load.rate == 200


@pytest.mark.parametrize("faults", [{"bad_statuses": 1}, {"broken": 1}, {"requests": 0, "broken": 2}])
def test_a_load_with_a_single_fault_is_not_measured(faults: dict[str, int]) -> None:
    with pytest.raises(MeasurementError, match="answers"):
        read_load(printed(**faults))


def test_a_machine_without_time_to_answer_is_no_fault_of_the_server() -> None:
    with pytest.raises(NoAnswerError):
        read_load(printed(requests=0))


def test_without_wrk_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="apt-get install wrk"):
        require_wrk()


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_wrk_sends_a_request_byte_for_byte_and_its_script_writes_what_is_read(tmp_path: Path) -> None:
    raw = bytes(range(256))  # an empty line is in it, and a zero

    class Echo(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            good = self.path == "/raw?a=1" and self.headers["X-Shape"] == "8,32" and body == b"\n\n" + raw
            self.send_response(200 if good else 400)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    request = Request("/raw?a=1", {"Content-Type": "a/b", "X-Shape": "8,32"}, b"\n\n" + raw, plain.read_scores)
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        load = drive(f"http://127.0.0.1:{server.server_port}", request.write(tmp_path / "request"), 1, 1)
        server.shutdown()
    assert load.requests > 0
    assert 0 < load.p50_ms <= load.p99_ms
