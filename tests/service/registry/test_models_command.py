"""plumbline-models as an operator meets it, on a running service and on a directory alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.service.bundles import fail_golden_check
from tests.service.programs import run_models, serving, wait_until
from tests.service.registry.load import publish, summary


def told(*arguments: str) -> Any:
    finished = run_models(*arguments, "--json")
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for version in (1, 2):
        publish(tmp_path / "models", version=version)
    publish(tmp_path / "models", version=3, change=fail_golden_check)
    return tmp_path / "models"


def states(answer: Any) -> dict[int, str]:
    return {card["version"]: card["state"] for card in answer["versions"]}


def test_a_directory_alone_is_told_of_as_a_service_would_serve_it(models: Path) -> None:
    (listed,) = told("list", "--models", str(models))["models"]
    assert (listed["name"], listed["version"], listed["pinned"]) == ("pump", 3, None)  # manifests alone are read
    assert states(told("versions", "pump", "--models", str(models))) == {3: "refused", 2: "serving", 1: "available"}


def test_what_is_decided_on_a_directory_is_followed_by_the_service_that_runs_on_it(models: Path) -> None:
    with serving(models, models.parent / "log", PLUMBLINE_WATCH_SECONDS="0.2") as service:
        assert told("pin", "pump", "1", "--models", str(models))["version"] == 1
        wait_until(lambda: summary(service.url)["version"] == 1)
        assert told("unpin", "pump", "--models", str(models))["version"] == 2
        wait_until(lambda: summary(service.url)["version"] == 2)
        assert told("rollback", "pump", "--models", str(models))["version"] == 1
        wait_until(lambda: summary(service.url)["version"] == 1)


def test_a_running_service_is_told_over_http(models: Path) -> None:
    with serving(models, models.parent / "log") as service:
        at = ("--url", service.url)
        assert told("pin", "pump", "1", *at)["version"] == 1
        assert summary(service.url)["version"] == 1
        assert states(told("versions", "pump", *at)) == {3: "refused", 2: "available", 1: "serving"}
        assert told("unpin", "pump", *at)["version"] == 2
        assert told("rollback", "pump", *at)["pinned"] == 1
        assert told("list", *at)["models"][0]["pinned"] == 1


def test_tables_are_for_people(models: Path) -> None:
    finished = run_models("versions", "pump", "--models", str(models), COLUMNS="120")
    assert finished.returncode == 0
    assert [line.split()[:2] for line in finished.stdout.splitlines() if line.strip()[:1].isdigit()] == [
        ["3", "refused"],
        ["2", "serving"],
        ["1", "available"],
    ]
    assert "held there" in run_models("pin", "pump", "1", "--models", str(models)).stdout
    assert "pinned to 1" in run_models("list", "--models", str(models), COLUMNS="120").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("versions", "valve"), "no model 'valve'; there are 'pump'"),
        (("pin", "pump", "9"), "model 'pump' has no version 9; there are 3, 2, 1"),
        (("pin", "pump", "3"), "version 3 of model 'pump' is refused"),
        (("list", "--url", "http://127.0.0.1:9"), "expected --url or --models, found both"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(models: Path, arguments: tuple[str, ...], said: str) -> None:
    finished = run_models(*arguments, "--models", str(models))
    assert finished.returncode == 2
    assert said in finished.stderr
    assert finished.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:9", "http://127.0.0.1:9: no service answers there"),
        ("ftp://127.0.0.1", "--url: expected the address of a service"),
        ("127.0.0.1:8000", "--url: expected the address of a service"),
    ],
)
def test_a_service_that_is_not_there_is_named(url: str, said: str) -> None:
    finished = run_models("list", "--url", url)
    assert finished.returncode == 2
    assert said in finished.stderr


def test_what_a_service_refuses_is_repeated(models: Path) -> None:
    with serving(models, models.parent / "log") as service:
        finished = run_models("pin", "pump", "9", "--url", service.url)
    assert finished.returncode == 2
    assert "model 'pump' has no version 9; there are 3, 2, 1" in finished.stderr
