import sys
import time
from pathlib import Path

import pytest

from benchmarks.errors import MeasurementError
from benchmarks.process import cpu_seconds, family, resident_mib
from benchmarks.server import Command, serving

# It starts a child that works for a while, answers anything with 200, and leaves the child behind when it ends.
PROGRAM = """
import subprocess, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
work = "import time; block = b'x' * (60 << 20); end = time.process_time() + 0.3\\nwhile time.process_time() < end: pass\\ntime.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", work])
class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/ready" else 404)
        self.end_headers()
HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""


def test_all_that_a_server_started_is_counted_and_ends_with_it(tmp_path: Path) -> None:
    command = Command(lambda port: (sys.executable, "-c", PROGRAM, str(port)), ready="/ready")
    with serving(command, tmp_path / "log") as server:
        assert server.start_seconds > 0
        started = family(server.pid)
        assert len(started) == 2
        while cpu_seconds(server.pid) < 0.3:
            pass
        assert resident_mib(server.pid) > 60
    for pid in started:
        while runs(pid):
            time.sleep(0.01)


def runs(pid: int) -> bool:
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
        )  # ended, and not yet asked about
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_server_that_ends_at_once_is_told_with_the_last_thing_it_said(tmp_path: Path) -> None:
    command = Command(lambda port: (sys.executable, "-c", "import sys; sys.exit('no such model')"))
    with (
        pytest.raises(MeasurementError, match="did not become ready: no such model"),
        serving(command, tmp_path / "log"),
    ):
        pass
