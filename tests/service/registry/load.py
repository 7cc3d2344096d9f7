"""A small load that goes on while something happens, and forgets no answer."""

import http.client
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, cycle
from math import inf
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from tests.service.bundles import PUMP, Change, Files, Manifest, double_scores, put_bundle
from tests.service.programs import PATIENCE_SECONDS, Serving, wait_until
from tests.service.questions import Question, two_rows

CLIENTS = 4


@dataclass(frozen=True)
class Answer:
    """The status of an answer; the model, version and digest that it says gave its ``samples``; whether their scores are that version's."""

    status: int
    model: str | None
    version: int | None
    digest: str | None
    samples: int
    is_right: bool
    is_last: bool


@dataclass
class Load:
    """What each client was answered, in its order, and when requests were sent that got not one byte of an answer."""

    answers: list[list[Answer]]
    unanswered: list[float] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)
    ended: float = inf  # when the service was told to stop

    def __iter__(self) -> Iterator[Answer]:
        return chain.from_iterable(self.answers)

    @property
    def statuses(self) -> set[int]:
        return {answer.status for answer in self}

    @property
    def versions(self) -> list[list[int]]:
        """The versions that each client met, one after the other, repetitions left out."""
        met = []
        for answers in self.answers:
            each = [answer.version for answer in answers if answer.version is not None]
            met.append([version for version, before in zip(each, [None, *each], strict=False) if version != before])
        return met

    @property
    def signatures(self) -> set[tuple[str | None, int | None, str | None]]:
        return {(answer.model, answer.version, answer.digest) for answer in self}

    @property
    def wrong(self) -> list[Answer]:
        """Answers that are not all of one version's scores, and of the version that they name."""
        return [answer for answer in self if not answer.is_right]

    def count(self) -> int:
        return sum(len(answers) for answers in self.answers)

    def end(self, service: Serving) -> None:
        """Stop ``service`` by SIGTERM while requests go on, and wait for its end."""
        self.ended = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        assert service.wait() == 0

    def go_on(self) -> None:
        """Wait until every client was answered again, and again: what it had under way has ended."""
        before = [len(answers) for answers in self.answers]
        self._wait_for(lambda: all(len(now) > count + 1 for now, count in zip(self.answers, before, strict=True)))

    def _wait_for(self, condition: Callable[[], bool]) -> None:
        wait_until(lambda: condition() or bool(self.broken))


@contextmanager
def load_on(url: str, questions: Sequence[Question] = (), clients: int = CLIENTS) -> Iterator[Load]:
    """Ask from several connections while the context lasts, each client one of ``questions`` again and again.

    Every request is answered, every answer whole and right, until the service is told to ``end``: from then on a request
    may be left without a byte of an answer, unless it was sent before. Anything else fails.
    """
    questions = questions or [two_rows()]
    load, stop = Load([[] for _ in range(clients)]), threading.Event()

    def client(question: Question, answers: list[Answer]) -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE_SECONDS)
        try:
            while not stop.is_set():
                try:
                    connection.request("POST", f"/models/{question.model}/score", question.body, question.headers)
                except ConnectionError:  # not sent whole, so nobody owes it an answer
                    if load.ended == inf:
                        raise
                    connection.close()
                    stop.wait(0.02)
                    continue
                sent = time.monotonic()
                try:
                    response = connection.getresponse()
                except ConnectionError:
                    load.unanswered.append(sent)
                    connection.close()
                else:
                    answers.append(_answer(question, response))
        except (OSError, http.client.HTTPException, ValueError) as error:
            load.broken.append(error)
        finally:
            connection.close()

    each = zip(cycle(questions), load.answers, strict=False)
    threads = [threading.Thread(target=client, args=(question, answers)) for question, answers in each]
    for thread in threads:
        thread.start()
    try:
        load.go_on()
        yield load
        if load.ended == inf:
            load.go_on()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert load.broken == []
    assert load.wrong == []
    assert all(sent > load.ended for sent in load.unanswered)


def _answer(question: Question, response: http.client.HTTPResponse) -> Answer:
    said = json.loads(response.read())
    version, scores = said.get("version"), [result["score"] for result in said.get("results", ())]
    is_right = response.status == 200 and said["model"] == question.model and scores == question.doubled(version - 1)
    is_last = response.will_close and "Connection" not in question.headers
    return Answer(
        response.status, said.get("model"), version, said.get("digest"), len(scores), is_right, is_last=is_last
    )


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


def total(url: str, series: str, *labels: str) -> float:
    """Add up those of a series of /metrics that have all of these ``labels``."""
    lines = httpx2.get(f"{url}/metrics").text.splitlines()
    found = [line for line in lines if line.startswith(f"{series}{{") and all(label in line for label in labels)]
    return sum(float(line.rpartition(" ")[2]) for line in found)


def publish(
    models: Path, name: str = "pump", version: int = 1, change: Change | None = None, golden: Path = PUMP
) -> Path:
    """Write a bundle as a writer does: elsewhere, then renamed. Each version scores twice as high as the one below."""

    def changed(manifest: Manifest, files: Files) -> None:
        if version > 1:
            double_scores(manifest, files, version - 1)
        if change is not None:
            change(manifest, files)

    incoming = put_bundle(models / name / ".incoming", name, version, changed, golden)
    return incoming.rename(models / name / str(version))


def spoil_graph(_: Manifest, files: Files) -> None:
    files["scorer.onnx"] = b"no graph"
