"""Streams through an HTTP client, in process: single rows by the golden model, windows by one made here."""

import itertools
import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from model.alarm.rule import AlarmRule
from service.limits import Limits
from service.registry.directory import load_models
from service.registry.models import Models, ServedModel
from service.streams.store import StreamStore
from tests.samples import SCALE, clean_rows
from tests.service.apps import client_of, error_of
from tests.service.bundles import Files, Manifest, put_bundle
from tests.window_bundle import INTERVAL, LENGTH, windows_of, write_window_bundle

GOOD, BAD = [8.1, 121.5, 45.2, 11.1], [8.1, 139.5, 45.2, 11.1]


@pytest.fixture
def client(models: Models) -> TestClient:
    return client_of(models)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> tuple[TestClient, ServedModel]:
    folder = tmp_path_factory.mktemp("windows")
    write_window_bundle(folder)
    models = load_models(folder, "cpu")
    return client_of(models), models.get("rig")


@pytest.fixture(scope="module")
def debounced(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """The golden model with an alarm rule."""

    def change(manifest: Manifest, _: Files) -> None:
        rule = {"k": 2, "n": 3, "off_delay": 3, "unjudged_after": 4, "clear_threshold": manifest["threshold"]["value"]}
        manifest["alarm"] = {"rule": rule}

    folder = tmp_path_factory.mktemp("debounced")
    put_bundle(folder, change=change)
    return load_models(folder, "cpu")


def post(client: TestClient, rows: Any, stream: str = "line-3", **more: Any) -> Any:
    response = client.post(f"/streams/{stream}/rows", json={"rows": rows, **more})
    assert response.status_code == 200, response.text
    return response.json()


def test_rows_get_the_verdicts_that_score_gives_them(client: TestClient, pump: ServedModel) -> None:
    x = clean_rows(300, seed=7)
    answers = [post(client, x[start : start + 70].tolist()) for start in range(0, 300, 70)]
    scores = [result["score"] for answer in answers for result in answer["results"]]
    assert scores == pump.scorer.score(x).score.tolist()
    assert {answer["digest"] for answer in answers} == {pump.digest}


def test_a_row_gets_the_verdict_of_the_window_that_ends_with_it(rig: tuple[TestClient, ServedModel]) -> None:
    client, model = rig
    x = clean_rows(60, seed=3)
    times = (INTERVAL * np.arange(60)).tolist()
    expected = model.scorer.score(windows_of(x))
    cut = [0, 1, 5, 30, 31, 60]
    results = []
    for start, end in itertools.pairwise(cut):
        results += post(client, x[start:end].tolist(), "cut", times=times[start:end])["results"]
    assert [result["verdict"] for result in results[: LENGTH - 1]] == ["invalid"] * (LENGTH - 1)
    assert results[0]["reason"] == f"incomplete_window: row 1 of {LENGTH}"
    assert [result["score"] for result in results[LENGTH - 1 :]] == expected.score.tolist()
    assert [result["p_value"] for result in results[LENGTH - 1 :]] == expected.p_value.tolist()
    whole = post(client, x.tolist(), "whole", times=times)["results"]
    assert [result["score"] for result in whole] == [result["score"] for result in results]
    one = client.post("/score", json={"samples": [windows_of(x)[7].tolist()]})
    if one.status_code == 200:  # windows as samples
        assert one.json()["results"][0]["score"] == whole[7 + LENGTH - 1]["score"]


def test_a_bad_value_or_a_gap_makes_windows_begin_anew_and_says_so(rig: tuple[TestClient, ServedModel]) -> None:
    client, _ = rig
    rows: list[list[Any]] = clean_rows(40, seed=4).tolist()
    rows[10][0], rows[20][0] = "stuck", 21.0
    times = INTERVAL * np.arange(40)
    times[30:] += 60
    results = post(client, rows, "broken", times=times.tolist())["results"]
    judged = [row for row, result in enumerate(results) if result["verdict"] != "invalid"]
    assert judged == [*range(7, 10), *range(18, 20), *range(28, 30), *range(37, 40)]
    assert results[10]["reason"].startswith("not_a_number: 'pressure'")
    assert results[20]["reason"].startswith("out_of_range: 'pressure'")
    assert results[30]["gap"] == "70 s after the row before, at most 15 s join on: a new window begins"
    assert [row for row, result in enumerate(results) if "gap" in result] == [30]


def test_rows_out_of_order_are_said_so_and_change_nothing(client: TestClient) -> None:
    times = ["2026-03-02T06:00:02Z", "2026-03-02T06:00:01Z", "2026-03-02T06:00:02+00:00"]
    results = post(client, [GOOD, GOOD, GOOD], times=times, ids=["a", "b", "c"])["results"]
    assert [(result["id"], result.get("reason")) for result in results] == [
        ("a", None),
        ("b", "out_of_order: 1 s before a row that has been taken"),
        ("c", "duplicate_time: a row with this time has been taken"),
    ]


def test_a_stream_with_times_takes_no_rows_without(client: TestClient) -> None:
    post(client, [GOOD], times=[1.0])
    response = client.post("/streams/line-3/rows", json={"rows": [GOOD]})
    assert error_of(response) == (422, "wrong_structure")
    assert "the rows of stream 'line-3' have times, found none" in response.json()["error"]["message"]
    assert post(client, [GOOD], "other")["results"][0]["verdict"] == "normal"


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


def test_streams_are_listed_described_and_deleted(client: TestClient) -> None:
    post(client, [GOOD, [None] * 4], "b", times=[5, 6])
    post(client, [GOOD], "a.1_x")
    listed = client.get("/streams").json()
    assert ([stream["stream"] for stream in listed["streams"]], listed["total"]) == (["a.1_x", "b"], 2)
    found = client.get("/streams/b").json()
    assert {name: found[name] for name in ("row_count", "window", "window_length", "last_time")} == {
        "row_count": 2,
        "window": 0,
        "window_length": 1,
        "last_time": 6.0,
    }
    assert client.delete("/streams/b").status_code == 204
    assert client.delete("/models/pump/streams/b").status_code == 404
    assert client.get("/streams").json()["total"] == 1


@pytest.mark.parametrize("action", ["acknowledge", "unshelve", "shelve"])
def test_what_is_asked_of_a_stream_that_is_not_there_is_refused(client: TestClient, action: str) -> None:
    body = {"minutes": 5, "reason": "x"}
    assert error_of(client.post(f"/streams/line-9/{action}", json=body)) == (404, "unknown_stream")
    assert error_of(client.get("/streams/line-9")) == (404, "unknown_stream")


@pytest.mark.parametrize("name", ["-x", ".hidden", "a b", "a%0Ab", "ü", "x" * 101])
def test_a_name_that_is_not_plain_is_refused(client: TestClient, name: str) -> None:
    response = client.post(f"/streams/{name}/rows", json={"rows": [GOOD]})
    assert error_of(response) == (422, "wrong_structure")
    assert len(response.json()["error"]["message"]) < 250


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"rows": []},
        {"rows": 5},
        {"samples": [GOOD]},
        {"rows": [GOOD], "times": [1, 2]},
        {"rows": [GOOD], "times": 5},
        {"rows": [GOOD], "ids": [1, 2]},
        {"rows": [[1, 2]]},
        {"rows": [{"pressure": 8}]},
        {"rows": [GOOD, dict(zip("abcd", GOOD, strict=True))]},
    ],
)
def test_a_body_of_another_form_is_refused_and_begins_no_stream(client: TestClient, body: Any) -> None:
    assert error_of(client.post("/streams/line-3/rows", json=body)) == (422, "wrong_structure")
    assert client.get("/streams").json()["total"] == 0


def test_more_rows_than_allowed_are_refused(models: Models) -> None:
    client = client_of(models, Limits(samples=2))
    assert error_of(client.post("/streams/a/rows", json={"rows": [GOOD] * 3})) == (413, "too_many_samples")


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


def test_what_is_counted_and_logged_of_streams(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "plumbline"):
        post(client, [GOOD, BAD, [None] * 4], "secret-line")
        client.post("/streams/secret-line/acknowledge")
    metrics = client.get("/metrics").text
    assert 'plumbline_samples_total{model="pump",verdict="anomaly",version="1"} 1.0' in metrics
    assert 'plumbline_rejected_samples_total{model="pump",reason="missing_value"} 1.0' in metrics
    assert 'plumbline_alarm_transitions_total{model="pump",to="unacknowledged"} 1.0' in metrics
    assert 'plumbline_alarms_active{model="pump"} 1.0' in metrics
    assert 'plumbline_streams{model="pump",state="acknowledged"} 1.0' in metrics
    assert "secret-line" not in metrics
    lines = [json.loads(json.dumps(vars(record)["fields"])) for record in caplog.records if record.message == "alarm"]
    assert [(line["stream"], line["from"], line["to"]) for line in lines] == [
        ("secret-line", "normal", "unacknowledged"),
        ("secret-line", "unacknowledged", "acknowledged"),
    ]
    requests = [vars(record)["fields"] for record in caplog.records if record.message == "request"]
    assert requests[0]["verdicts"] == {"normal": 1, "anomaly": 1, "invalid": 1}
    assert requests[0]["stream"] == "secret-line"


def test_streams_that_make_room_are_counted(models: Models) -> None:
    client = client_of(models, streams=StreamStore(most=2))
    for name in "abc":
        post(client, [GOOD], name)
    assert 'plumbline_streams_dropped_total{cause="limit"} 1.0' in client.get("/metrics").text
    assert error_of(client.get("/streams/a")) == (404, "unknown_stream")
