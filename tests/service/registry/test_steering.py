"""Pins and rolling back, decided over HTTP while requests go on, and followed by every worker and every restart."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.service.bundles import fail_golden_check
from tests.service.programs import Serving, serving, wait_until
from tests.service.registry.load import load_on, publish, summary


@contextmanager
def versions_served(folder: Path, *versions: int, workers: int = 1) -> Iterator[Serving]:
    for version in versions:
        publish(folder / "models", version=version)
    with serving(folder / "models", folder / "log", workers=workers, PLUMBLINE_WATCH_SECONDS="0.2") as service:
        yield service


def decide(url: str, method: str, what: str, version: int | None = None) -> Any:
    body = None if version is None else {"version": version}
    return httpx2.request(method, f"{url}/models/pump/{what}", json=body)


@pytest.mark.parametrize("workers", [1, 2])
def test_pins_and_rolling_back_lose_no_request_and_every_worker_follows(tmp_path: Path, workers: int) -> None:
    with versions_served(tmp_path, 1, 2, 3, workers=workers) as service, load_on(service.url) as load:

        def all_serve(version: int) -> bool:
            before = load.count()
            wait_until(lambda: load.count() > before + 40)
            return all(met[-1] == version for met in load.versions)

        answer = decide(service.url, "POST", "rollback").json()
        assert (answer["version"], answer["pinned"], answer["others_follow_within_seconds"]) == (2, 2, 0.2)
        wait_until(lambda: all_serve(2))
        assert decide(service.url, "POST", "rollback").json()["version"] == 1
        wait_until(lambda: all_serve(1))
        assert decide(service.url, "POST", "pin", 3).json()["version"] == 3
        wait_until(lambda: all_serve(3))
        assert decide(service.url, "POST", "pin", 1).json()["version"] == 1
        wait_until(lambda: all_serve(1))
        assert decide(service.url, "DELETE", "pin").json() | {"digest": ""} == {
            "model": "pump",
            "version": 3,
            "digest": "",
            "pinned": None,
            "shadow": None,
            "others_follow_within_seconds": 0.2,
        }
        wait_until(lambda: all_serve(3))
    assert load.statuses == {200}
    assert len(load.signatures) == 3
    if workers == 1:
        assert all(met == [3, 2, 1, 3, 1, 3] for met in load.versions)


def test_rolling_back_goes_to_what_served_and_not_to_what_lies_between(tmp_path: Path) -> None:
    with versions_served(tmp_path, 1) as service:
        take_up(service, tmp_path / "models", 3, 6)
        publish(tmp_path / "models", version=2)
        publish(tmp_path / "models", version=5)
        assert decide(service.url, "POST", "rollback").json()["version"] == 3
    with versions_served(tmp_path) as service:  # and a restart does not forget it
        assert decide(service.url, "POST", "rollback").json()["version"] == 1
        assert decide(service.url, "POST", "rollback").json()["error"]["code"] == "no_earlier_version"


def test_workers_that_take_the_place_of_others_go_back_as_those_would(tmp_path: Path) -> None:
    with versions_served(tmp_path, 1, workers=2) as service:
        take_up(service, tmp_path / "models", 3, 6)
        publish(tmp_path / "models", version=2)
        publish(tmp_path / "models", version=5)
        for line in [line for line in service.lines if line["message"] == "serving"]:
            os.kill(line["pid"], signal.SIGKILL)
        wait_until(lambda: [line["message"] for line in service.lines].count("serving") == 4)
        answers = [decide(service.url, "POST", "rollback").json() for _ in range(3)]  # each on a connection of its own
    assert [answer.get("version") for answer in answers] == [3, 1, None]
    assert answers[-1]["error"]["code"] == "no_earlier_version"


def take_up(service: Serving, models: Path, *versions: int) -> None:
    """Publish versions one after the other, each once all workers serve the one before."""
    workers = [line["message"] for line in service.lines].count("serving")

    def serve(version: int) -> bool:
        served = [line["version"] for line in service.lines if line["message"] == "model version served"]
        return served.count(version) == workers

    for version in versions:
        publish(models, version=version)
        wait_until(partial(serve, version))


def test_a_pinned_model_stays_when_a_version_comes_and_when_it_restarts(tmp_path: Path) -> None:
    with versions_served(tmp_path, 1, 2) as service:
        decide(service.url, "POST", "pin", 1)
        publish(tmp_path / "models", version=3)
        time.sleep(0.6)
        assert (summary(service.url)["version"], summary(service.url)["pinned"]) == (1, 1)
    with versions_served(tmp_path) as service:
        assert summary(service.url)["version"] == 1


def test_every_version_is_listed_with_its_state(tmp_path: Path) -> None:
    publish(tmp_path / "models", version=4, change=fail_golden_check)
    with versions_served(tmp_path, 1, 2, 3) as service:
        decide(service.url, "POST", "pin", 2)
        answer = decide(service.url, "GET", "versions").json()
    assert (answer["model"], answer["pinned"]) == ("pump", 2)
    listed = {card["version"]: (card["state"], card["is_pinned"]) for card in answer["versions"]}
    assert [*listed.items()] == [
        (4, ("refused", False)),
        (3, ("available", False)),
        (2, ("serving", True)),
        (1, ("available", False)),
    ]
    assert "golden" in answer["versions"][0]["reason"]


@pytest.mark.parametrize(
    ("method", "what", "version", "code", "status"),
    [
        ("POST", "pin", 9, "unknown_version", 404),
        ("POST", "pin", 2, "version_refused", 409),
        ("POST", "pin", None, "unreadable_body", 400),
        ("POST", "pin", -1, "wrong_structure", 422),
        ("POST", "pin", True, "wrong_structure", 422),
        ("POST", "rollback", None, "no_earlier_version", 409),
    ],
)
def test_what_cannot_be_decided_is_refused_and_changes_nothing(
    refusing: Serving, method: str, what: str, version: int | None, code: str, status: int
) -> None:
    answer = decide(refusing.url, method, what, version)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert (summary(refusing.url)["version"], summary(refusing.url)["pinned"]) == (1, None)


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("refusing")
    publish(folder / "models", version=2, change=fail_golden_check)
    with versions_served(folder, 1) as service:
        yield service


def test_a_models_directory_that_cannot_be_written_says_what_to_set(tmp_path: Path) -> None:
    publish(tmp_path / "models")
    state = tmp_path / "state"
    with serving(tmp_path / "models", tmp_path / "log", PLUMBLINE_STATE=str(state / "pins.json")) as service:
        answer = decide(service.url, "POST", "pin", 1)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "state_unavailable")
        assert "PLUMBLINE_STATE" in answer.json()["error"]["message"]
        state.mkdir()
        assert decide(service.url, "POST", "pin", 1).status_code == 200
    assert (state / "pins.json").exists()
    assert not (tmp_path / "models" / ".plumbline.json").exists()


def test_decisions_spoilt_while_serving_stand_and_are_told_of(tmp_path: Path) -> None:
    with versions_served(tmp_path, 1, 2) as service:
        decide(service.url, "POST", "pin", 1)
        (tmp_path / "models" / ".plumbline.json").write_text("{")
        assert "plumbline.json" in service.line("message", "models cannot be read")["reason"]
        assert summary(service.url)["version"] == 1
