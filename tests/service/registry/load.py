"""A small load that goes on while something happens, and forgets no answer."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from tests.service.bundles import Files, Manifest, put_bundle
from tests.service.programs import PATIENCE_SECONDS

CLIENTS = 4
SAMPLES = json.dumps({"samples": [[8, 120, 45, 11], [8, 120, 45, 99]]})
HEADERS = {"Content-Type": "application/json"}


@dataclass
class Load:
    """What each client was answered, in its order: status, and version and digest where it was scored."""

    answers: list[list[tuple[int, int | None, str | None]]] = field(default_factory=list)

    @property
    def statuses(self) -> set[int]:
        return {status for answers in self.answers for status, _, _ in answers}

    @property
    def versions(self) -> list[list[int]]:
        """The versions that each client met, one after the other, repetitions left out."""
        met = []
        for answers in self.answers:
            each = [version for _, version, _ in answers if version is not None]
            met.append([version for version, before in zip(each, [None, *each], strict=False) if version != before])
        return met

    @property
    def signatures(self) -> set[tuple[int | None, str | None]]:
        return {(version, digest) for answers in self.answers for _, version, digest in answers}

    def count(self) -> int:
        return sum(len(answers) for answers in self.answers)


@contextmanager
def load_on(url: str, name: str = "pump") -> Iterator[Load]:
    """Score with a model from several connections while the context lasts; each answer counts, a broken connection fails."""
    load, stop, broken = Load([[] for _ in range(CLIENTS)]), threading.Event(), list[Exception]()

    def client(answers: list[tuple[int, int | None, str | None]]) -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE_SECONDS)
        try:
            while not stop.is_set():
                connection.request("POST", f"/models/{name}/score", SAMPLES, HEADERS)
                answer = connection.getresponse()
                said = json.load(answer)
                answers.append((answer.status, said.get("version"), said.get("digest")))
                time.sleep(0.002)
        except (OSError, http.client.HTTPException) as error:
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=client, args=(answers,)) for answers in load.answers]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: all(load.answers) or bool(broken))
        yield load
        before = load.count()
        wait_until(lambda: load.count() > before + 10 * CLIENTS or bool(broken))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not broken


def wait_until(condition: Any) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("what was waited for did not happen")


def summary(url: str, name: str = "pump") -> dict[str, Any]:
    """Give what GET /models says of a name; nothing where it is not there."""
    models = httpx2.get(f"{url}/models").json()["models"]
    return next((model for model in models if model["name"] == name), {})


def metric(url: str, line: str) -> float | None:
    """Give the value of a series of /metrics; None where it is not there."""
    for found in httpx2.get(f"{url}/metrics").text.splitlines():
        if found.startswith(f"{line} "):
            return float(found.rpartition(" ")[2])
    return None


def publish(models: Path, name: str = "pump", version: int = 1, change: Any = None) -> Path:
    """Write a bundle as a writer does: elsewhere, then renamed."""
    incoming = put_bundle(models / name / ".incoming", name, version, change)
    return incoming.rename(models / name / str(version))


def spoil_graph(_: Manifest, files: Files) -> None:
    files["scorer.onnx"] = b"no graph"
