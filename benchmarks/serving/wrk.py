"""wrk, the load generator: one request repeated over so many connections, and what came of it."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import MeasurementError
from model.errors import InputError

SCRIPT = Path(__file__).with_suffix(".lua")
TIMEOUT_SECONDS = 30  # a slow answer is a figure, not a fault


class NoAnswerError(MeasurementError):
    """Nothing was answered while wrk ran, and nothing failed: the machine had no time for either."""


@dataclass(frozen=True)
class Load:
    """What one run of wrk saw. ``p50_ms`` and ``p99_ms`` are quantiles of the latency."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def require_wrk() -> None:
    """Refuse to begin what cannot be finished.

    Raises:
        InputError: wrk is not installed.
    """
    if shutil.which("wrk") is None:
        raise InputError("wrk, the load generator, is not installed; on Debian and Ubuntu: apt-get install wrk")


def drive(url: str, request: Path, connections: int, seconds: int, pinned: Sequence[str] = ()) -> Load:
    """Send what the file ``request`` holds to the server at ``url``; ``pinned`` is a command to run wrk under.

    Raises:
        NoAnswerError: there were none.
        MeasurementError: wrk failed, or an answer was an error.
    """
    command = [*pinned, "wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"]
    command += ["--timeout", f"{TIMEOUT_SECONDS}s"]
    finished = subprocess.run(
        [*command, "--script", str(SCRIPT), url, "--", str(request)], capture_output=True, text=True, check=False
    )
    if finished.returncode != 0:
        raise MeasurementError(f"wrk ended with exit code {finished.returncode}: {finished.stderr.strip()}")
    return read_load(finished.stdout)


def read_load(printed: str) -> Load:
    """Read what wrk printed: its own text, and last the line of JSON that its script writes.

    Raises:
        NoAnswerError: there were no answers.
        MeasurementError: some were errors.
    """
    found = json.loads(printed.splitlines()[-1])
    bad, broken = found.pop("bad_statuses"), found.pop("broken")
    if not found["requests"] and not broken:
        raise NoAnswerError("nothing was answered while wrk ran")
    if bad or broken:
        raise MeasurementError(
            f"of {found['requests']:,} answers {bad:,} were errors, and {broken:,} connections broke or timed out"
        )
    return Load(**found)
