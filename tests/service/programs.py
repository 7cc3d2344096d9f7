"""A real ``plumbline-serve``, on a free port of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("plumbline-serve")
PATIENCE_SECONDS = 90.0
# The tests' own environment must not configure what they start.
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("PLUMBLINE_", "PROMETHEUS_"))}


@dataclass(frozen=True)
class Serving:
    """A service that said it serves."""

    url: str
    process: subprocess.Popen[str]
    log: Path

    @property
    def lines(self) -> list[dict[str, Any]]:
        return _lines(self.log)

    def line(self, field: str, value: object) -> dict[str, Any]:
        """Give the first line of the log that holds ``value``, waiting for it: it is written after the answer."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            for line in self.lines:
                if line.get(field) == value:
                    return line
            time.sleep(0.02)
        raise AssertionError(f"no line has {field}={value!r}: {self.log.read_text()}")

    def wait(self) -> int:
        return self.process.wait(PATIENCE_SECONDS)


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("what was waited for did not happen")


def run(*flags: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return _finished([COMMAND, *flags], environment)


def run_models(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``plumbline-models`` to its end."""
    return _finished([sys.executable, "-m", "service.registry.command", *arguments], environment)


def _finished(command: Sequence[str | Path], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env=CLEAN | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@contextmanager
def serving(models: Path | str, log: Path, *flags: str, workers: int = 1, **environment: str) -> Iterator[Serving]:
    """Serve ``models`` while the context lasts, every worker being ready; ``log`` takes what is printed."""
    command: list[str | Path] = [COMMAND, "--models", models, "--port", "0", "--workers", str(workers), *flags]
    with log.open("w") as output:
        process = subprocess.Popen(command, env=CLEAN | environment, stdout=output, stderr=output, text=True)
    try:
        yield Serving(_wait_for_url(process, log, workers), process, log)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(PATIENCE_SECONDS)
            finally:
                process.kill()


def _wait_for_url(process: subprocess.Popen[str], log: Path, workers: int) -> str:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        urls = [line["url"] for line in _lines(log) if line["message"] == "serving"]
        if len(urls) == workers:
            return str(urls[0])
        time.sleep(0.05)
    raise AssertionError(f"plumbline-serve did not start: {log.read_text()}")


def _lines(log: Path) -> list[dict[str, Any]]:
    complete, _, _ = log.read_text().rpartition("\n")
    return [json.loads(line) for line in complete.splitlines()]
