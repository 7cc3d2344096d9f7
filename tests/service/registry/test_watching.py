"""Versions that come and go while requests do: real services, and every answer counted."""

import shutil
import time
from contextlib import AbstractContextManager
from pathlib import Path

import httpx2
import pytest

from tests.service.bundles import fail_golden_check
from tests.service.programs import Serving, serving, wait_until
from tests.service.registry.load import load_on, metric, publish, spoil_graph, summary


def watched(models: Path, log: Path, workers: int = 1) -> AbstractContextManager[Serving]:
    return serving(models, log, workers=workers, PLUMBLINE_WATCH_SECONDS="0.1")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_new_version_takes_over_without_losing_or_mixing_a_request(tmp_path: Path, workers: int) -> None:
    models = tmp_path / "models"
    publish(models)
    with watched(models, tmp_path / "log", workers) as service, load_on(service.url) as load:
        publish(models, version=2)
        wait_until(lambda: [line.get("before") for line in service.lines].count(1) == workers)
        wait_until(lambda: all(met[-1:] == [2] for met in load.versions))
    assert load.statuses == {200}
    assert load.versions == [[1, 2]] * len(load.versions)
    assert len(load.signatures) == 2


def test_a_bad_version_is_refused_and_the_one_before_goes_on(tmp_path: Path) -> None:
    models = tmp_path / "models"
    publish(models)
    with watched(models, tmp_path / "log") as service:
        with load_on(service.url) as load:
            publish(models, version=2, change=fail_golden_check)
            wait_until(lambda: summary(service.url)["refused"])
            assert metric(service.url, 'plumbline_golden_check_success{model="pump"}') == 0
            assert metric(service.url, 'plumbline_model_versions_refused{model="pump"}') == 1
            time.sleep(0.5)  # several looks: it is not read again
            assert metric(service.url, 'plumbline_model_loads_total{model="pump",outcome="refused"}') == 1
            assert httpx2.get(f"{service.url}/health/ready").status_code == 200
        (said,) = summary(service.url)["refused"]
    assert load.statuses == {200}
    assert load.versions == [[1]] * len(load.versions)
    assert said["version"] == 2
    assert "golden" in said["reason"]


def test_a_refused_version_that_is_put_right_takes_over(tmp_path: Path) -> None:
    models = tmp_path / "models"
    publish(models)
    with watched(models, tmp_path / "log") as service, load_on(service.url) as load:
        bad = publish(models, version=2, change=spoil_graph)
        wait_until(lambda: summary(service.url)["refused"])
        shutil.rmtree(bad)
        wait_until(lambda: not summary(service.url)["refused"])
        publish(models, version=2)
        wait_until(lambda: summary(service.url)["version"] == 2)
        assert summary(service.url)["refused"] == []
        assert metric(service.url, 'plumbline_golden_check_success{model="pump"}') == 1
    assert load.statuses == {200}


def test_what_is_told_of_the_version_before_goes_away(tmp_path: Path) -> None:
    models = tmp_path / "models"
    publish(models)
    with watched(models, tmp_path / "log", 2) as service:
        publish(models, version=2)
        wait_until(lambda: metric(service.url, 'plumbline_threshold{model="pump",version="2"}') is not None)
        wait_until(lambda: metric(service.url, 'plumbline_threshold{model="pump",version="1"}') is None)
        wait_until(lambda: [line.get("before") for line in service.lines].count(1) == 2)  # both workers have
        for _ in range(10):
            text = httpx2.get(f"{service.url}/metrics").text
            (info,) = (line for line in text.splitlines() if line.startswith("plumbline_model_info{"))
            assert 'version="2"' in info
            assert 'plumbline_threshold{model="pump",version="1"}' not in text


def test_a_version_whose_directory_is_gone_serves_until_there_is_another(tmp_path: Path) -> None:
    models = tmp_path / "models"
    publish(models, version=2)
    with watched(models, tmp_path / "log") as service, load_on(service.url) as load:
        shutil.rmtree(models / "pump" / "2")
        time.sleep(0.5)
        assert summary(service.url)["version"] == 2
        publish(models, version=1)
        wait_until(lambda: summary(service.url)["version"] == 1)
    assert load.statuses == {200}
    assert load.versions == [[2, 1]] * len(load.versions)


def test_names_come_and_go_and_the_default_stays(tmp_path: Path) -> None:
    models = tmp_path / "models"
    publish(models)
    with watched(models, tmp_path / "log") as service, load_on(service.url) as load:
        publish(models, "valve")
        wait_until(lambda: summary(service.url, "valve"))
        assert httpx2.post(f"{service.url}/models/valve/score", json={"samples": [[8, 120, 45, 11]]}).is_success
        assert httpx2.post(f"{service.url}/score", json={"samples": [[8, 120, 45, 11]]}).json()["model"] == "pump"
        shutil.rmtree(models / "valve")
        wait_until(lambda: not summary(service.url, "valve"))
        gone = httpx2.post(f"{service.url}/models/valve/score", json={"samples": [[8, 120, 45, 11]]})
        assert (gone.status_code, gone.json()["error"]["code"]) == (404, "unknown_model")
        assert metric(service.url, 'plumbline_golden_check_success{model="valve"}') is None
        assert service.line("message", "model removed")["model"] == "valve"
    assert load.statuses == {200}


def test_a_new_name_without_a_good_version_does_not_make_the_service_unready(tmp_path: Path) -> None:
    models = tmp_path / "models"
    publish(models)
    with watched(models, tmp_path / "log") as service:
        publish(models, "valve", change=fail_golden_check)
        wait_until(lambda: summary(service.url, "valve"))
        assert summary(service.url, "valve")["version"] is None
        assert httpx2.get(f"{service.url}/health/ready").status_code == 200
        assert httpx2.post(f"{service.url}/models/valve/score", json={"samples": []}).status_code == 503


def test_a_root_that_is_lost_from_sight_takes_no_model_away(tmp_path: Path) -> None:
    models = tmp_path / "models"
    publish(models)
    with watched(models, tmp_path / "log") as service:
        models.rename(tmp_path / "unmounted")
        models.mkdir()  # what is left of a mount
        assert "found none" in service.line("message", "models cannot be read")["reason"]
        models.rmdir()
        time.sleep(0.5)
        assert httpx2.post(f"{service.url}/score", json={"samples": [[8, 120, 45, 11]]}).is_success
        (tmp_path / "unmounted").rename(models)
        publish(models, version=2)
        wait_until(lambda: summary(service.url)["version"] == 2)
        told = [line for line in service.lines if line["message"] == "models cannot be read"]
    assert len(told) == 2  # once for each way to be lost, not at every look


def test_without_watching_nothing_is_taken_up(tmp_path: Path) -> None:
    models = tmp_path / "models"
    publish(models)
    with serving(models, tmp_path / "log", PLUMBLINE_WATCH_SECONDS="0") as service:
        publish(models, version=2)
        time.sleep(0.5)
        assert summary(service.url)["version"] == 1
