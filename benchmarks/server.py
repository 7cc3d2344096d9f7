"""A server under test: a process of its own on a free port of this machine."""

import os
import shlex
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from benchmarks.errors import MeasurementError
from benchmarks.process import ENVIRONMENT, script

START_SECONDS, STOP_SECONDS = 60.0, 30.0
POLL_SECONDS = 0.01


@dataclass(frozen=True)
class Server:
    """A server that said it is ready, ``start_seconds`` after it was started."""

    url: str
    pid: int
    start_seconds: float


@dataclass(frozen=True)
class Command:
    """How a server is started: its command line, given a port, and what its environment needs beyond ours."""

    line: Callable[[int], tuple[str, ...]]
    environment: Mapping[str, str] = field(default_factory=dict)

    def pinned(self, prefix: tuple[str, ...]) -> "Command":
        """Start the same server under the command ``prefix``."""
        return Command(lambda port: (*prefix, *self.line(port)), self.environment)


@contextmanager
def serving(command: Command, log: Path) -> Iterator[Server]:
    """Run a server until the block ends; what it prints goes to ``log``.

    Raises:
        MeasurementError: it does not become ready.
    """
    port = _free_port()
    url, line = f"http://127.0.0.1:{port}", command.line(port)
    began = time.perf_counter()
    with (
        log.open("wb") as output,
        subprocess.Popen(line, stdout=output, stderr=output, env={**ENVIRONMENT, **command.environment}) as process,
    ):
        try:
            if not _becomes_ready(url, process):
                said = log.read_text("utf-8", "replace").strip().splitlines()
                raise MeasurementError(
                    f"{shlex.join(line)} did not become ready: {said[-1] if said else 'it said nothing'}"
                )
            yield Server(url, process.pid, time.perf_counter() - began)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            finally:
                process.kill()


def plumbline_serve(models: Path) -> Command:
    """Give the command that serves ``models``, with one worker."""
    return Command(lambda port: (script("plumbline-serve"), "--models", str(models), "--port", str(port)))


def pinning() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the prefixes that keep a server's command on one core and its client's on another; none on a single core."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return (), ()
    return ("taskset", "--cpu-list", str(cores[0])), ("taskset", "--cpu-list", str(cores[1]))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _becomes_ready(url: str, process: subprocess.Popen[bytes]) -> bool:
    end = time.monotonic() + START_SECONDS
    with httpx2.Client() as client:
        while time.monotonic() < end and process.poll() is None:
            try:
                if client.get(f"{url}/health/ready").status_code == httpx2.codes.OK:
                    return True
            except httpx2.TransportError:
                pass  # it does not listen yet
            time.sleep(POLL_SECONDS)
    return False
