from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from service.registry.models import ServedModel
from tests.samples import SCALE, clean_rows
from tests.service.protocols.series_bodies import ANOMALOUS, NORMAL, stamps, variables
from tests.window_bundle import LENGTH

PUMP = "/multivariate/models/pump:detect-last"
RIG = "/multivariate/models/rig:detect-last"
CLEAN = clean_rows(LENGTH + 2).tolist()


def last(client: TestClient, path: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    response = client.post(path, json={"variables": found})
    assert response.status_code == 200, response.text
    (result,) = response.json()["results"]
    return dict(result)


@pytest.mark.parametrize("prefix", ["", "/anomalydetector/v1.1", "/anomalydetector/v1.1-preview.1"])
def test_the_last_timestamp_is_judged_at_every_path(client: TestClient, prefix: str) -> None:
    result = last(client, f"{prefix}{PUMP}?api-version=v1.1", variables([ANOMALOUS, NORMAL]))
    assert result["timestamp"] == "2026-01-01T00:00:10Z"
    assert result["errors"] == []
    assert result["value"]["isAnomaly"] is False
    assert result["value"]["severity"] == 0.0
    assert result["value"]["interpretation"] == []


def test_scores_and_severities_are_ours_between_nought_and_one(client: TestClient, pump: ServedModel) -> None:
    value = last(client, PUMP, variables([ANOMALOUS]))["value"]
    score = pump.scorer.score(np.array([ANOMALOUS], dtype=np.float64)).score.item()
    threshold = pump.manifest.threshold.value
    assert value["score"] == pytest.approx(score / (score + threshold))
    assert value["severity"] == pytest.approx((score - threshold) / (score + threshold))
    assert sum(part["contributionScore"] for part in value["interpretation"]) == pytest.approx(1)


def test_windows_end_with_the_last_timestamp(window_client: TestClient, rig: ServedModel) -> None:
    value = last(window_client, RIG, variables(CLEAN))["value"]
    (severity,) = rig.scorer.score(clean_rows(LENGTH + 2)[None, 2:]).severity.tolist()
    assert value["score"] == severity
    moved = (clean_rows(LENGTH) + 10 * SCALE).tolist()
    assert last(window_client, RIG, variables(moved))["value"]["isAnomaly"] is True


def test_a_window_that_is_not_whole_is_not_judged(window_client: TestClient) -> None:
    result = last(window_client, RIG, variables(CLEAN[:5]))
    assert "value" not in result
    assert result["errors"] == [{"code": "InsufficientHistoricalData", "message": "row 5 of 8"}]


def test_what_breaks_a_window_is_told_with_its_time(window_client: TestClient) -> None:
    rows = [[*row] for row in CLEAN]
    rows[5][1] = "off"
    broken = last(window_client, RIG, variables(rows))
    assert broken["errors"] == [
        {"code": "InsufficientHistoricalData", "message": "row 4 of 8"},
        {"code": "not_a_number", "message": "2026-01-01T00:00:50Z: 'flow' is 'off', expected a number"},
    ]
    times = [*stamps(6), *stamps(40)[-4:]]
    gap = last(window_client, RIG, variables(CLEAN, times))
    assert [error["code"] for error in gap["errors"]] == ["InsufficientHistoricalData", "gap"]
    assert gap["errors"][1]["message"].startswith("2026-01-01T00:06:00Z: 310 s after the row before, at most 15 s")


def test_variables_say_what_of_them_was_there(window_client: TestClient) -> None:
    rows = [[*row] for row in CLEAN]
    rows[2][1] = None
    states = window_client.post(RIG, json={"variables": variables(rows)}).json()["variableStates"]
    assert states[1] == {
        "variable": "flow",
        "filledNARatio": 0.125,
        "effectiveCount": 7,
        "firstTimestamp": "2026-01-01T00:00:30Z",
        "lastTimestamp": "2026-01-01T00:01:30Z",
    }
    absent = window_client.post(RIG, json={"variables": variables([(1, None, 1, 1)])}).json()["variableStates"][1]
    assert absent == {"variable": "flow", "filledNARatio": 1.0, "effectiveCount": 0}


def test_a_sample_beyond_what_can_be_scored_is_not_judged(client: TestClient) -> None:
    result = last(client, PUMP, variables([(8.1, 1e300, 45.2, 11.1)]))
    assert [error["code"] for error in result["errors"]] == ["not_scorable"]
    assert "value" not in result


def changed(**fields: object) -> dict[str, Any]:
    good = variables([NORMAL, NORMAL])
    return {"variables": [{**good[0], **fields}, *good[1:]]}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([], "the body must be an object with 'variables', found an array"),
        ({}, "'variables' must be an array of at least one variable, found null"),
        ({"variables": variables([NORMAL]), "detectingPoints": 1}, "the body may have the fields 'variables', 'topContributorCount', found 'detectingPoints'"),
        ({"variables": variables([NORMAL]), "topContributorCount": 31}, "'topContributorCount' must be a whole number from 1 to 30, found 31"),
        ({"variables": variables([NORMAL]), "topContributorCount": True}, "'topContributorCount' must be a whole number from 1 to 30, found true"),
        ({"variables": variables([NORMAL])[:3]}, "the variables must be those of the model, 'pressure', 'flow', 'temperature', 'current'; found no 'current'"),
        ({"variables": variables([NORMAL]) * 2}, "model 'pump' has 4 variables, found 8"),
        ({"variables": variables([NORMAL])[:2] * 2}, 'each variable may be there once, found "pressure" twice'),
        ({"variables": [7]}, "each variable must be an object with its name as 'variable', found 7"),
        ({"variables": [{"variable": "flow", "values": []}]}, "variable \"flow\" must have the fields 'variable', 'timestamps', 'values', found no 'timestamps'"),
        (changed(unit="bar"), "variable \"pressure\" may have the fields 'variable', 'timestamps', 'values', found 'unit'"),
        (changed(timestamps=[]), "variable \"pressure\" must have an array of 'timestamps', found an array"),
        (changed(timestamps=stamps(3)), 'variables must have the same timestamps; "pressure" has 3, "flow" has 2'),
        (changed(timestamps=stamps(2, 60)), 'variables must have the same timestamps; timestamp 1 of "pressure" is "2026-01-01T00:01:00Z", of "flow" "2026-01-01T00:00:10Z"'),
        (changed(timestamps=stamps(2)[::-1]), 'the timestamps of variable "pressure" must increase, found "2026-01-01T00:00:00Z" after "2026-01-01T00:00:10Z"'),
        (changed(timestamps=[1, 2]), 'variable "pressure" must have timestamps in ISO 8601, found 1 at 0'),
        (changed(timestamps=["2026-01-01", "never"]), 'variable "pressure" must have timestamps in ISO 8601, found "never" at 1'),
        (changed(timestamps=["0001-01-01T00:00:00+10:00", "2026-01-01"]), 'variable "pressure" must have timestamps in ISO 8601, found "0001-01-01T00:00:00+10:00" at 0'),
        (changed(values=[8.0]), "variable \"pressure\" must have an array of 2 'values', one for each timestamp, found 1"),
        (changed(values=None), "variable \"pressure\" must have an array of 2 'values', one for each timestamp, found null"),
    ],
)  # fmt: skip
def test_a_body_of_another_form_is_refused_as_azure_refuses(client: TestClient, body: object, message: str) -> None:
    response = client.post(PUMP, json=body)
    assert response.status_code == 400
    assert response.json() == {"error": {"code": "BadArgument", "message": message}}


def test_timestamps_may_be_spelt_in_several_ways(client: TestClient) -> None:
    body = changed(timestamps=["2026-01-01T01:00:00+01:00", "2026-01-01T00:00:10.000Z"])
    assert client.post(PUMP, json=body).status_code == 200


def test_models_of_images_have_no_series(image_client: TestClient) -> None:
    response = image_client.post("/multivariate/models/tiles:detect-last", json={})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "no_streams")


def test_what_could_not_be_judged_is_counted(window_client: TestClient) -> None:
    before = window_client.get("/metrics").text.splitlines()
    last(window_client, RIG, variables(CLEAN[:2]))
    after = window_client.get("/metrics").text.splitlines()
    series = 'plumbline_rejected_samples_total{model="rig",reason="incomplete_window"}'
    counted = [sum(float(line.split()[1]) for line in lines if line.startswith(series)) for lines in (before, after)]
    assert counted[1] - counted[0] == 1
