"""Programs that the tests call: those of this Python environment, and Debian's, which a machine may not have."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent
DEBIAN_PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "amtool": "prometheus-alertmanager",
    "systemd-analyze": "systemd",
}
SECONDS_TO_START = 120


def find(name: str | Path) -> str:
    """Give a program's path; skip the test where one of Debian's packages is not installed."""
    found = shutil.which(name, path=f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        if name not in DEBIAN_PACKAGES:
            pytest.fail(f"{name} is not installed in this environment; it belongs to the extra 'dev'")
        pytest.skip(f"{name} is not on this machine; Debian's package {DEBIAN_PACKAGES[str(name)]} has it")
    return str(found)


def run(name: str | Path, *arguments: str | Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program from the repository root and return what it printed, standard error included."""
    return subprocess.run(
        [find(name), *map(str, arguments)],
        cwd=ROOT,
        input=stdin,
        text=True,
        timeout=300,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@contextmanager
def running(name: str | Path, *arguments: str | Path, ready: str) -> Iterator[None]:
    """Run a server until the block ends, which begins once the URL ``ready`` answers."""
    with (
        tempfile.TemporaryFile("w+") as output,
        subprocess.Popen([find(name), *map(str, arguments)], stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        try:
            deadline = time.monotonic() + SECONDS_TO_START
            while not answers(ready):
                if process.poll() is not None or time.monotonic() > deadline:
                    output.seek(0)
                    pytest.fail(f"{name} did not become ready and said: {output.read()}")
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


def answers(url: str) -> bool:
    """Tell whether a server answers ``url`` with success."""
    try:
        return httpx2.get(url, timeout=5).is_success
    except httpx2.TransportError:
        return False


def free_port() -> int:
    """Give a port of the loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
