"""A service stopped under load: what was sent before the signal is answered."""

import json
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.samples import clean_rows
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import PATIENCE_SECONDS, serving

CLIENTS = 16
BODY = json.dumps({"samples": clean_rows(200).tolist()})


@dataclass(frozen=True)
class Sent:
    """A request: when its last byte was sent, the answer's status or None, and whether the answer was the last."""

    at: float
    status: int | None
    closing: bool


@pytest.mark.parametrize("workers", [1, 2])
def test_under_load_every_request_sent_before_sigterm_is_answered(tmp_path: Path, workers: int) -> None:
    stopped = threading.Event()
    with serving(GOLDEN_MODELS, tmp_path / "log", workers=workers) as service, ThreadPoolExecutor(CLIENTS) as clients:
        try:
            loads = [clients.submit(load, service.url, stopped, keep_alive=bool(k % 2)) for k in range(CLIENTS)]
            time.sleep(1)
            at = time.monotonic()
            service.process.send_signal(signal.SIGTERM)
            assert service.wait() == 0
        finally:
            stopped.set()
        requests = [request for each in loads for request in each.result()]
    before = [request for request in requests if request.at <= at]
    assert len(before) > CLIENTS
    assert {request.status for request in before} == {200}
    assert any(request.closing for request in requests)


def load(url: str, stopped: threading.Event, *, keep_alive: bool) -> list[Sent]:
    """Send one request after the other until the service is gone."""
    parts = urlsplit(url)
    sent = []
    headers = {"Content-Type": "application/json"} | ({} if keep_alive else {"Connection": "close"})
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)
    while not stopped.is_set():
        try:
            connection.request("POST", "/score", BODY, headers)
        except ConnectionError:  # not sent whole, so nobody owes it an answer
            connection.close()
            time.sleep(0.02)
            continue
        at = time.monotonic()
        try:
            response = connection.getresponse()
            response.read()
        except ConnectionError:
            sent.append(Sent(at, None, closing=False))
            connection.close()
        else:
            sent.append(Sent(at, response.status, closing=keep_alive and response.will_close))
    connection.close()
    return sent
