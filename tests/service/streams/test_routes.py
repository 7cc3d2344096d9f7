"""Streams through an HTTP client, in process: single rows by the golden model, windows by one made here."""

import itertools
import json
import logging
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from service.limits import Limits
from service.registry.directory import load_models
from service.registry.models import Models, ServedModel
from service.streams.store import StreamStore
from tests.samples import clean_rows
from tests.service.apps import client_of, error_of
from tests.service.streams.rows import BAD, GOOD, post
from tests.window_bundle import INTERVAL, LENGTH, windows_of, write_window_bundle


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> tuple[TestClient, ServedModel]:
    folder = tmp_path_factory.mktemp("windows")
    write_window_bundle(folder)
    models = load_models(folder, "cpu")
    return client_of(models), models.get("rig")


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
