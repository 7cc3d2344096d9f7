"""Keys at a real service: who is let in, what is told of it, and how keys come and go while it runs."""

import json
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from service.access.keys_file import RateLimit, read_keys, write_keys
from service.access.scope import Scope
from tests.service.access.keys import add_key, bearer
from tests.service.bundles import GOLDEN_MODELS
from tests.service.programs import Serving, serving, wait_until

GOOD = {"samples": [[8, 120, 45, 11]]}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    return {
        "path": str(path),
        "line-3": add_key(path, "line-3", (Scope.SCORE,)),
        "grafana": add_key(path, "grafana", (Scope.READ,)),
        "engineer": add_key(path, "engineer", (Scope.ADMIN,)),
        "explaining": add_key(path, "explaining", rate_limit=RateLimit(requests_per_second=0.01, burst=2)),
        "many": add_key(path, "many", rate_limit=RateLimit(samples_per_second=10)),
        "slow": add_key(path, "slow", (Scope.SCORE,), rate_limit=RateLimit(requests_per_second=0.01, burst=2)),
    }


@pytest.fixture(scope="module")
def service(keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    log = tmp_path_factory.mktemp("service") / "log"
    with serving(GOLDEN_MODELS, log, "--host", "0.0.0.0", workers=2, PLUMBLINE_KEYS=keys["path"]) as running:
        url = running.url.replace("0.0.0.0", "127.0.0.1")
        yield Serving(url, running.process, running.log)


def status(service: Serving, method: str, path: str, key: str = "") -> int:
    connection = HTTPConnection(urlsplit(service.url).netloc)  # one for each request: any worker may take it
    connection.request(method, path, json.dumps(GOOD) if method == "POST" else None, bearer(key) if key else {})
    found = connection.getresponse().status
    connection.close()
    return found


def test_each_key_opens_what_it_is_for(service: Serving, keys: dict[str, str]) -> None:
    asked = [("POST", "/score"), ("GET", "/models"), ("GET", "/metrics"), ("DELETE", "/streams/none"), ("GET", "/docs")]
    table = {
        name: [status(service, *one, keys.get(name, "")) for one in asked]
        for name in ("nobody", "line-3", "grafana", "engineer")
    }
    assert table == {
        "nobody": [401, 401, 401, 401, 401],
        "line-3": [200, 403, 403, 403, 403],
        "grafana": [403, 200, 200, 403, 200],
        "engineer": [200, 200, 200, 404, 200],
    }


def test_what_is_not_there_is_told_to_those_with_a_key_alone(service: Serving, keys: dict[str, str]) -> None:
    assert status(service, "GET", "/no/such/path") == 401
    assert status(service, "GET", "/no/such/path", keys["grafana"]) == 404
    assert status(service, "GET", "/models/no-such-model") == 401
    assert status(service, "GET", "/models/no-such-model", keys["grafana"]) == 404


def test_probes_need_no_key(service: Serving) -> None:
    assert [status(service, "GET", path) for path in ("/health/live", "/health/ready")] == [200, 200]


def test_answers_to_those_without_a_key_say_what_is_asked_for(service: Serving) -> None:
    answer = httpx2.post(f"{service.url}/score", json=GOOD, headers={"X-Request-ID": "no-key"})
    assert answer.headers["www-authenticate"] == 'Bearer realm="plumbline"'
    assert answer.headers["x-request-id"] == "no-key"
    assert answer.json()["error"]["code"] == "unauthenticated"
    assert service.line("request_id", "no-key")["error"] == "unauthenticated"


def test_the_log_names_the_key_and_never_holds_it(service: Serving, keys: dict[str, str]) -> None:
    headers = {"X-API-Key": keys["line-3"], "X-Request-ID": "with-key"}
    httpx2.post(f"{service.url}/score", json=GOOD, headers=headers)
    httpx2.get(f"{service.url}/models", headers={"X-API-Key": keys["line-3"], "X-Request-ID": "for-other-things"})
    assert service.line("request_id", "with-key")["key"] == "line-3"
    assert service.line("request_id", "for-other-things")["key"] == "line-3"
    said = service.log.read_text() + httpx2.get(f"{service.url}/metrics", headers=bearer(keys["grafana"])).text
    secrets = [key.removeprefix("plumbline_") for name, key in keys.items() if name != "path"]
    assert not any(secret[:12] in said for secret in secrets)
    assert not any(entry.sha256[:12] in said for entry in read_keys(Path(keys["path"])).keys)


def test_a_key_used_too_often_is_told_when_to_come_back_by_every_worker(service: Serving, keys: dict[str, str]) -> None:
    answers = [httpx2.post(f"{service.url}/score", json=GOOD, headers=bearer(keys["slow"])) for _ in range(20)]
    assert [answer.status_code for answer in answers] == [200] * 2 + [429] * 18
    assert all(90 <= int(answer.headers["retry-after"]) <= 100 for answer in answers[2:])
    assert answers[-1].json()["error"]["code"] == "rate_limited"
    metrics = httpx2.get(f"{service.url}/metrics", headers=bearer(keys["grafana"])).text
    assert 'plumbline_requests_refused_total{reason="rate_limited"} 18.0' in metrics


@pytest.mark.parametrize("fields", [{}, {"explain": True}], ids=["off the connection", "by the application"])
def test_samples_are_counted_whoever_answers(service: Serving, keys: dict[str, str], fields: dict[str, bool]) -> None:
    body = {"samples": GOOD["samples"] * 60, **fields}
    first, second = (httpx2.post(f"{service.url}/score", json=body, headers=bearer(keys["many"])) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 429)
    time.sleep(int(second.headers["retry-after"]))


def test_a_request_handed_on_to_the_application_counts_once(service: Serving, keys: dict[str, str]) -> None:
    body = {**GOOD, "explain": True}
    answers = [httpx2.post(f"{service.url}/score", json=body, headers=bearer(keys["explaining"])) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_preflights_of_other_sites_pages_are_not_answered(service: Serving, keys: dict[str, str]) -> None:
    preflight = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    for headers, expected in ((preflight, 401), (preflight | bearer(keys["engineer"]), 405)):
        answer = httpx2.options(f"{service.url}/score", headers=headers)
        assert answer.status_code == expected
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("workers", [1, 2])
def test_keys_come_and_go_while_the_service_runs_and_a_damaged_file_changes_nothing(
    tmp_path: Path, workers: int
) -> None:
    path = tmp_path / "keys.json"
    old = add_key(path, "old", (Scope.READ,))
    with serving(GOLDEN_MODELS, tmp_path / "log", workers=workers, PLUMBLINE_KEYS=str(path)) as service:
        assert status(service, "GET", "/models", old) == 200
        new = add_key(path, "new", (Scope.READ,))
        write_keys(path, [entry for entry in read_keys(path).keys if entry.name == "new"])
        wait_until(lambda: seen(service, new) == {200} and seen(service, old) == {401})
        good = path.read_bytes()
        path.write_bytes(good[:20])
        wait_until(lambda: "plumbline_keys_file_success 0.0" in measured(service, new))
        assert "is no file of keys" in service.line("message", "keys kept as they were")["reason"]
        assert seen(service, new) == {200}
        path.write_bytes(good)
        wait_until(lambda: seen(service, new) == {200} and "plumbline_keys_file_success 1.0" in measured(service, new))


def measured(service: Serving, key: str) -> str:
    return httpx2.get(f"{service.url}/metrics", headers=bearer(key)).text


def seen(service: Serving, key: str) -> set[int]:
    """Ask on so many connections that every worker is asked."""
    return {status(service, "GET", "/models", key) for _ in range(12)}
