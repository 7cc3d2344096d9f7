"""The real commands, run as a user runs them: as processes of their own that never outlive the demo."""

import json
import os
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from examples.demo.client import Client
from examples.demo.errors import DemoError

START_SECONDS, STOP_SECONDS = 60.0, 30.0
POLL_SECONDS = 0.1


def command(name: str) -> str:
    """Find a console script beside this Python, written relative to here where that is shorter."""
    script = Path(sysconfig.get_path("scripts")) / name
    if not script.exists():
        raise DemoError(f"{script} is not there; install Plumbline into this Python first (pip install -e '.[train]')")
    return min(str(script), os.path.relpath(script), key=len)


def train(arguments: list[str]) -> Path:
    """Run ``plumbline-train``, its progress on our terminal; returns the bundle's directory."""
    command_line = [command("plumbline-train"), *arguments]
    run = subprocess.run(command_line, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - our own command
    if run.returncode != 0:
        raise DemoError(f"plumbline-train ended with exit code {run.returncode}; what it said stands above")
    return Path(run.stdout.strip().splitlines()[-1])


@contextmanager
def serving(models: Path, log: Path) -> Iterator[Client]:
    """Run ``plumbline-serve`` on a free port of this machine, until the block ends.

    Raises:
        DemoError: the service does not become ready, or does not end with exit code 0 when told to stop.
    """
    settings = {name: value for name, value in os.environ.items() if not name.upper().startswith("PLUMBLINE_")}
    command_line = [command("plumbline-serve"), "--models", str(models), "--host", "127.0.0.1", "--port", "0"]
    with log.open("wb") as output:
        process = subprocess.Popen(command_line, stdout=output, stderr=output, env=settings)  # noqa: S603 - our own
    try:
        client = _ready(process, log)
        yield client
        _stop(process, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _ready(process: subprocess.Popen[bytes], log: Path) -> Client:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        url = _url(log)
        if url is not None and Client(url).is_ready():
            return Client(url)
        if process.poll() is not None:
            raise DemoError(f"plumbline-serve ended with exit code {process.returncode}: {_last_line(log)}")
        time.sleep(POLL_SECONDS)
    raise DemoError(f"plumbline-serve was not ready within {START_SECONDS:.0f} s: {_last_line(log)}")


def _stop(process: subprocess.Popen[bytes], log: Path) -> None:
    process.terminate()
    try:
        code = process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise DemoError(f"plumbline-serve did not stop within {STOP_SECONDS:.0f} s of SIGTERM; see {log}") from error
    if code != 0:
        raise DemoError(f"plumbline-serve ended with exit code {code} after SIGTERM: {_last_line(log)}")


def _url(log: Path) -> str | None:
    """Find the address that the service logs once it serves."""
    for line in log.read_text("utf-8").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:  # a line still being written, or no JSON
            continue
        if isinstance(entry, dict) and isinstance(entry.get("url"), str):
            return str(entry["url"])
    return None


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8").strip().splitlines()
    return lines[-1] if lines else f"{log} is empty"
