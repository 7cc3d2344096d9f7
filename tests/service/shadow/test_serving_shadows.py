"""Shadows of a running service: silent, counted over all workers, kept across restarts."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.service.programs import Serving, run_models, serving, wait_until
from tests.service.registry.load import load_on, metric, publish, summary

SAMPLES = {"samples": [[8, 120, 45, 11], [8, 120, 45, 99], [8, None, 45, 11]]}


def begin(service: Serving, version: int) -> Any:
    return httpx2.post(f"{service.url}/models/pump/shadow", json={"version": version})


def report(service: Serving) -> Any:
    return httpx2.get(f"{service.url}/models/pump/shadow").json()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_candidate_scores_what_is_scored_and_answers_nobody(tmp_path: Path, workers: int) -> None:
    models = tmp_path / "models"
    for version in (1, 2):
        publish(models, version=version)
    with serving(models, tmp_path / "log", workers=workers, PLUMBLINE_WATCH_SECONDS="0.2") as service:
        assert begin(service, 1).json() | {"digest": ""} == {
            "model": "pump",
            "version": 2,
            "digest": "",
            "pinned": 2,
            "shadow": 1,
            "others_follow_within_seconds": 0.2,
        }
        wait_until(lambda: [line["message"] for line in service.lines].count("shadow begins") == workers)
        for _ in range(40):  # a connection each: which worker takes one is the kernel's choice
            assert httpx2.post(f"{service.url}/score", json=SAMPLES).json()["version"] == 2
        assert httpx2.post(f"{service.url}/score", json={**SAMPLES, "explain": True}).is_success
        assert httpx2.post(f"{service.url}/streams/line-1/rows", json={"rows": SAMPLES["samples"]}).is_success
        wait_until(
            lambda: report(service)["samples"] == 3 * 42 - 1
        )  # rows of a stream that are invalid make up no window
        found = report(service)
        assert (found["agreement"], found["dropped"]) == (1.0, 0)
        assert {(pair["verdict"], pair["samples"]) for pair in found["verdicts"]} == {
            ("normal", 42),
            ("anomaly", 42),
            ("invalid", 41),
        }
        assert found["quotient"]["geometric_mean"] == pytest.approx(1, rel=1e-12)
        counted = 'plumbline_shadow_samples_total{candidate="1",candidate_verdict="anomaly",model="pump",verdict="anomaly",version="2"}'
        assert metric(service.url, counted) == 42
        assert "the same verdict for 100.00%" in run_models("compare", "pump", "--url", service.url).stdout


def test_a_shadow_goes_on_after_a_restart_and_ends_when_it_is_promoted(tmp_path: Path) -> None:
    models = tmp_path / "models"
    publish(models)
    with serving(models, tmp_path / "log", PLUMBLINE_WATCH_SECONDS="0.2") as service:
        httpx2.post(f"{service.url}/models/pump/pin", json={"version": 1})
        publish(models, version=2)
        assert begin(service, 2).json()["version"] == 1
    with serving(models, tmp_path / "log", PLUMBLINE_WATCH_SECONDS="0.2") as service:
        with load_on(service.url) as load:
            assert summary(service.url)["version"] == 1
            wait_until(lambda: report(service)["samples"])
            states = [card["state"] for card in httpx2.get(f"{service.url}/models/pump/versions").json()["versions"]]
            assert states == ["shadow", "serving"]
            promoted = httpx2.post(f"{service.url}/models/pump/pin", json={"version": 2}).json()
            assert (promoted["version"], promoted["shadow"]) == (2, None)
            wait_until(lambda: all(met[-1] == 2 for met in load.versions))
        assert report(service)["error"]["code"] == "no_shadow"
    assert load.statuses == {200}
    assert load.versions == [[1, 2]] * len(load.versions)


def test_the_version_that_serves_is_no_shadow_of_itself(tmp_path: Path) -> None:
    publish(tmp_path / "models")
    with serving(tmp_path / "models", tmp_path / "log") as service:
        refused = begin(service, 1)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_comparable")
        assert begin(service, 2).json()["error"]["code"] == "unknown_version"
        assert summary(service.url)["pinned"] is None


def test_a_shadow_that_is_ended_leaves_the_pin(tmp_path: Path) -> None:
    models = tmp_path / "models"
    for version in (1, 2):
        publish(models, version=version)
    with serving(models, tmp_path / "log") as service:
        begin(service, 1)
        ended = httpx2.delete(f"{service.url}/models/pump/shadow").json()
        assert (ended["pinned"], ended["shadow"]) == (2, None)
        assert report(service)["error"]["code"] == "no_shadow"
