"""Alarms of streams through an HTTP client, in process: raised, acknowledged, shelved, and kept when a version changes."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from model.alarm.rule import AlarmRule
from service.registry.directory import load_models
from service.registry.models import Models
from service.streams.store import StreamStore
from tests.samples import SCALE, clean_rows
from tests.service.apps import client_of, error_of
from tests.service.bundles import Files, Manifest, put_bundle
from tests.service.streams.rows import BAD, GOOD, post
from tests.window_bundle import LENGTH, write_window_bundle


@pytest.fixture(scope="module")
def debounced(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """The golden model with an alarm rule."""

    def change(manifest: Manifest, _: Files) -> None:
        rule = {"k": 2, "n": 3, "off_delay": 3, "unjudged_after": 4, "clear_threshold": manifest["threshold"]["value"]}
        manifest["alarm"] = {"rule": rule}

    folder = tmp_path_factory.mktemp("debounced")
    put_bundle(folder, change=change)
    return load_models(folder, "cpu")


def test_an_alarm_lives_through_acknowledgement_and_return(client: TestClient) -> None:
    answer = post(client, [GOOD, BAD])
    assert [result.get("alarm") for result in answer["results"]] == [None, "unacknowledged"]
    assert answer["alarm"]["state"] == "unacknowledged"
    assert answer["alarm"]["is_active"]
    assert client.post("/streams/line-3/acknowledge").json()["state"] == "acknowledged"
    assert post(client, [BAD])["alarm"]["state"] == "acknowledged"
    assert post(client, [GOOD])["alarm"]["state"] == "normal"
    assert post(client, [BAD, GOOD])["alarm"]["state"] == "returned_to_normal_unacknowledged"
    assert client.get("/models/pump/streams/line-3").json()["alarm"]["state"] == "returned_to_normal_unacknowledged"
    assert client.post("/models/pump/streams/line-3/acknowledge").json()["state"] == "normal"


def test_a_shelved_alarm_is_followed_in_silence_and_annunciated_when_it_comes_off(client: TestClient) -> None:
    post(client, [GOOD])
    shelved = client.post("/streams/line-3/shelve", json={"minutes": 5, "reason": "pump is being started"}).json()
    assert (shelved["state"], shelved["shelved_reason"]) == ("shelved", "pump is being started")
    answer = post(client, [BAD])
    assert (answer["alarm"]["state"], answer["alarm"]["is_active"]) == ("shelved", True)
    assert "alarm" not in answer["results"][0]
    assert client.post("/streams/line-3/unshelve").json()["state"] == "unacknowledged"


def test_shelving_ends_by_itself(client: TestClient) -> None:
    post(client, [BAD])
    client.post("/streams/line-3/shelve", json={"minutes": 1e-6, "reason": "a moment"})
    found = client.get("/streams/line-3").json()["alarm"]
    assert (found["state"], found["shelved_until"]) == ("unacknowledged", None)
    assert post(client, [GOOD])["alarm"]["state"] == "returned_to_normal_unacknowledged"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"minutes": 0, "reason": "x"},
        {"minutes": -1, "reason": "x"},
        {"minutes": 10_081, "reason": "x"},
        {"minutes": True, "reason": "x"},
        {"minutes": "5", "reason": "x"},
        {"minutes": 5},
        {"minutes": 5, "reason": " "},
        {"minutes": 5, "reason": "x" * 201},
        {"minutes": 5, "reason": "two\nlines"},
        {"minutes": 5, "reason": "x", "until": 3},
        [],
    ],
)
def test_nothing_is_shelved_without_an_end_and_a_reason(client: TestClient, body: Any) -> None:
    post(client, [GOOD])
    assert error_of(client.post("/streams/line-3/shelve", json=body)) == (422, "wrong_structure")
    assert client.get("/streams/line-3").json()["alarm"]["state"] == "normal"


def test_a_score_that_hovers_about_the_threshold_does_not_flicker(debounced: Models) -> None:
    client = client_of(debounced)
    raw = post(client, [GOOD, BAD, GOOD, GOOD, BAD, GOOD, BAD, GOOD, BAD, GOOD, GOOD, GOOD])
    changes = {row: result["alarm"] for row, result in enumerate(raw["results"]) if "alarm" in result}
    assert changes == {6: "unacknowledged", 11: "returned_to_normal_unacknowledged"}


def test_invalid_rows_neither_raise_nor_clear_and_a_long_run_of_them_is_told(debounced: Models) -> None:
    client = client_of(debounced)
    assert post(client, [BAD, [None] * 4, BAD])["alarm"]["state"] == "unacknowledged"
    blind = post(client, [[None] * 4] * 4)["alarm"]
    assert (blind["state"], blind["is_unjudged"]) == ("unacknowledged", True)
    assert 'plumbline_streams_unjudged{model="pump"} 1.0' in client.get("/metrics").text
    assert not post(client, [GOOD])["alarm"]["is_unjudged"]


def test_a_new_version_of_the_model_begins_a_new_window_and_keeps_the_alarm(tmp_path: Path) -> None:
    store = StreamStore()
    rule = AlarmRule(k=1, n=1, clear_threshold=0.0)
    for version, folder in enumerate((tmp_path / "old", tmp_path / "new")):
        write_window_bundle(folder, rule if version else None)
        client = client_of(load_models(folder, "cpu"), streams=store)
        answer = post(client, (clean_rows(LENGTH) + 10 * SCALE).tolist(), "line")
        if version == 0:
            assert answer["alarm"]["state"] == "unacknowledged"
    assert answer["results"][0]["gap"] == "version 1 of the model judges from here on: a new window begins"
    assert [result["verdict"] for result in answer["results"]] == ["invalid"] * (LENGTH - 1) + ["anomaly"]
    assert answer["alarm"]["state"] == "unacknowledged"
    assert sum("alarm" in result for result in answer["results"]) == 0
