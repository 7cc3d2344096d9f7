"""A server under test: a process of its own on a free port of this machine."""

import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2

from benchmarks.errors import MeasurementError
from benchmarks.process import ENVIRONMENT, family, script

START_SECONDS, STOP_SECONDS = 60.0, 20.0
POLL_SECONDS = 0.01


@dataclass(frozen=True)
class Server:
    """A server that said it is ready, ``start_seconds`` after it was started."""

    url: str
    pid: int
    start_seconds: float


@dataclass(frozen=True)
class Command:
    """How a server is started: its command line, given a port, and what its environment needs beyond ours.

    ``ready`` is the path that answers 200 once it is ready, ``folder`` where it runs and may write.
    """

    line: Callable[[int], tuple[str, ...]]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: str = "/health/ready"
    folder: Path | None = None

    def pinned(self, prefix: tuple[str, ...]) -> "Command":
        """Start the same server under the command ``prefix``."""
        return replace(self, line=lambda port: (*prefix, *self.line(port)))


@contextmanager
def serving(command: Command, log: Path) -> Iterator[Server]:
    """Run a server until the block ends; what it prints goes to ``log``.

    Raises:
        MeasurementError: it does not become ready.
    """
    port = free_port()
    url, line = f"http://127.0.0.1:{port}", command.line(port)
    began = time.perf_counter()
    with (
        log.open("wb") as output,
        subprocess.Popen(
            line, stdout=output, stderr=output, env={**ENVIRONMENT, **command.environment}, cwd=command.folder
        ) as process,
    ):
        try:
            if not _becomes_ready(url + command.ready, process):
                said = log.read_text("utf-8", "replace").strip().splitlines()
                raise MeasurementError(
                    f"{shlex.join(line)} did not become ready: {said[-1] if said else 'it said nothing'}"
                )
            yield Server(url, process.pid, time.perf_counter() - began)
        finally:
            _stop(process)


def plumbline_serve(models: Path) -> Command:
    """Give the command that serves ``models``, with one worker."""
    return Command(lambda port: (script("plumbline-serve"), "--models", str(models), "--port", str(port)))


def pinning() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the prefixes that keep a server's command on one core and its client's on another; none on a single core."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return (), ()
    return ("taskset", "--cpu-list", str(cores[0])), ("taskset", "--cpu-list", str(cores[1]))


def free_port() -> int:
    """Find a port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server and whatever it leaves behind of what it started."""
    with ExitStack() as handles:
        started = []
        for pid in family(process.pid):
            with suppress(ProcessLookupError):
                started.append(os.pidfd_open(pid))  # a number may come to mean another process, this does not
                handles.callback(os.close, started[-1])
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        for one in started:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(one, signal.SIGKILL)


def _becomes_ready(url: str, process: subprocess.Popen[bytes]) -> bool:
    end = time.monotonic() + START_SECONDS
    with httpx2.Client() as client:
        while time.monotonic() < end and process.poll() is None:
            try:
                if client.get(url).status_code == httpx2.codes.OK:
                    return True
            except httpx2.TransportError:
                pass  # it does not listen yet
            time.sleep(POLL_SECONDS)
    return False
