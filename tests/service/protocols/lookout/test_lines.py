import ast
import json
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

from service.limits import Limits
from service.registry.models import Models, ServedModel
from tests.samples import clean_rows
from tests.service.apps import client_of
from tests.service.protocols.series_bodies import ANOMALOUS, NORMAL, csv, stamps
from tests.window_bundle import LENGTH

PATH = "/models/pump/lookout"
CSV = {"Content-Type": "text/csv"}


def lines(client: TestClient, body: str | dict[str, Any], path: str = PATH) -> list[dict[str, Any]]:
    content, headers = (body, CSV) if isinstance(body, str) else (json.dumps(body), {})
    response = client.post(path, content=content, headers=headers)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


def test_a_line_says_time_prediction_reason_score_and_diagnostics(client: TestClient, pump: ServedModel) -> None:
    normal, anomaly = lines(client, csv([NORMAL, ANOMALOUS]))
    assert normal["timestamp"] == "2026-01-01T00:00:00.000000"
    assert (normal["prediction"], normal["prediction_reason"]) == (0, "NO_ANOMALY_DETECTED")
    assert (anomaly["prediction"], anomaly["prediction_reason"]) == (1, "ANOMALY_DETECTED")
    severity = pump.scorer.score(np.array([ANOMALOUS], dtype=np.float64)).severity.item()
    assert anomaly["anomaly_score"] == severity > 0.5 > normal["anomaly_score"]
    names = [part["name"] for part in anomaly["diagnostics"]]
    assert names == ["pump\\pressure", "pump\\flow", "pump\\temperature", "pump\\current"]
    assert sum(part["value"] for part in anomaly["diagnostics"]) == pytest.approx(1)


def test_every_line_is_as_the_document_has_it(client: TestClient) -> None:
    said = client.get("/openapi.json").json()["paths"]["/models/{name}/lookout"]["post"]["responses"]["200"]
    line_of_document = Draft202012Validator(said["content"]["application/x-ndjson"]["schema"])
    found = lines(client, csv([NORMAL, ANOMALOUS, (8.1, "", 45.2, 11.1)], ["2026-01-01", "yesterday", "2026-01-02"]))
    assert len(found) == 3
    for line in found:
        line_of_document.validate(line)
    assert not line_of_document.is_valid({"prediction": 1})


def test_a_row_that_cannot_be_judged_has_no_prediction_at_all(client: TestClient) -> None:
    rows = [(8.1, "", 45.2, 11.1), (8.1, "off", 45.2, 11.1), (-1, 121.5, 45.2, 11.1), (8.1, 1e300, 45.2, 11.1)]
    found = lines(client, csv(rows))
    codes = ["missing_value", "not_a_number", "out_of_range", "not_scorable"]
    assert [line["reason"].partition(":")[0] for line in found] == codes
    for line in found:
        assert set(line) == {"timestamp", "prediction_reason", "reason"}
        assert line["prediction_reason"] == "INVALID"


def test_a_time_that_cannot_be_read_costs_its_row(client: TestClient) -> None:
    bad, good = lines(client, csv([NORMAL, NORMAL], ["yesterday", "1772000000"]))
    assert bad == {
        "prediction_reason": "INVALID",
        "reason": "unreadable_time: expected seconds or ISO 8601, found 'yesterday'",
    }
    assert good["timestamp"] == "2026-02-25T06:13:20.000000"
    (far,) = lines(client, {"rows": [NORMAL], "times": [1e300]})
    assert far["reason"] == "unreadable_time: 1e+300 s from 1970 is in no year from 1 to 9999"


def test_every_line_can_be_read_as_python(client: TestClient) -> None:
    response = client.post(PATH, content=csv([NORMAL, (8.1, "", 45.2, '"o""ff"'), ANOMALOUS]), headers=CSV)
    for line in response.text.splitlines():
        assert ast.literal_eval(line) == json.loads(line)


def test_the_component_may_be_named(client: TestClient) -> None:
    (line,) = lines(client, csv([NORMAL]), f"{PATH}?component=press-7")
    assert line["diagnostics"][0]["name"] == "press-7\\pressure"


def test_rows_may_be_json(client: TestClient) -> None:
    body = {"rows": [NORMAL, ANOMALOUS], "times": stamps(2)}
    assert lines(client, body) == lines(client, csv([NORMAL, ANOMALOUS]))


def test_columns_may_be_in_any_order_and_others_beside_them(client: TestClient) -> None:
    body = (
        "operator,flow, timestamp ,current,temperature,pressure\r\nkim,121.5,2026-01-01 00:00:00,11.1,45.2,8.1\r\n\r\n"
    )
    assert lines(client, "\ufeff" + body) == lines(client, csv([NORMAL]))


def test_windows_end_with_each_row(window_client: TestClient, rig: ServedModel) -> None:
    rows = clean_rows(LENGTH + 1)
    found = lines(window_client, csv(rows.tolist()), "/models/rig/lookout")
    assert [line["prediction_reason"] for line in found] == ["INVALID"] * 7 + ["NO_ANOMALY_DETECTED"] * 2
    assert found[6]["reason"] == "incomplete_window: row 7 of 8"
    windows = clean_rows(LENGTH + 1)[[[*range(8)], [*range(1, 9)]]]
    assert [line["anomaly_score"] for line in found[7:]] == rig.scorer.score(windows).severity.tolist()
    assert sum(part["value"] for part in found[8]["diagnostics"]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ("", 422, "the header must name one column 'Timestamp', found no header"),
        ("time,pressure\n", 422, "the header must name one column 'Timestamp', found 'time', 'pressure'"),
        ("Timestamp,timestamp\n", 422, "the header must name one column 'Timestamp', found 'Timestamp', 'timestamp'"),
        ("Timestamp,pressure\n", 422, "the header must name 'flow', 'temperature', 'current', which it lacks"),
        ("Timestamp,pressure,flow,temperature,current,flow\n", 422, "the header must name each column once, found 'flow' more"),
        ("Timestamp,pressure,flow,temperature,current\n", 422, "the body must have at least one row below the header"),
        ("Timestamp,pressure,flow,temperature,current\n1,2\n", 422, "row 1 must have 5 cells, as the header has, found 2"),
        ('Timestamp,pressure,flow,temperature,current\n1,"2', 400, "the body is not CSV: "),
        (b"\xff", 400, "the body is not UTF-8: "),
    ],
)  # fmt: skip
def test_csv_of_another_form_is_refused(client: TestClient, body: str | bytes, status: int, message: str) -> None:
    response = client.post(PATH, content=body, headers=CSV)
    assert response.status_code == status
    assert response.json()["error"]["message"].startswith(message)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"rows": [NORMAL]}, "the body must have 'times', one for each row: every line has its own"),
        ({"rows": [NORMAL], "times": [1], "ids": [1]}, "the body may not have 'ids': a line is known by its time"),
    ],
)
def test_json_without_times_or_with_ids_is_refused(client: TestClient, body: object, message: str) -> None:
    response = client.post(PATH, json=body)
    assert (response.status_code, response.json()["error"]["message"]) == (422, message)


@pytest.mark.parametrize("query", ["component=a\\b", "component=", "name=a", "component=a&component=b"])
def test_a_query_of_another_form_is_refused(client: TestClient, query: str) -> None:
    assert client.post(f"{PATH}?{query}", content=csv([NORMAL]), headers=CSV).status_code == 422


def test_other_types_of_body_are_refused(client: TestClient) -> None:
    response = client.post(PATH, content=csv([NORMAL]), headers={"Content-Type": "application/csv"})
    assert response.status_code == 415
    assert (
        response.json()["error"]["message"] == 'the body must be text/csv or application/json, found "application/csv"'
    )


def test_more_rows_or_more_to_explain_than_the_limits_are_refused(models: Models) -> None:
    for limits in (Limits(samples=2), Limits(explained_values=8)):
        client = client_of(models, limits)
        assert client.post(PATH, content=csv([NORMAL] * 2), headers=CSV).status_code == 200
        assert client.post(PATH, content=csv([NORMAL] * 3), headers=CSV).status_code == 413


def test_what_could_not_be_judged_is_logged_and_counted(models: Models, caplog: pytest.LogCaptureFixture) -> None:
    client = client_of(models)
    with caplog.at_level("INFO", "plumbline.request"):
        lines(client, csv([NORMAL, (8.1, "", 45.2, 11.1)]))
    metrics = client.get("/metrics").text
    assert 'plumbline_samples_total{model="pump",verdict="invalid",version="1"} 1.0' in metrics
    assert 'plumbline_rejected_samples_total{model="pump",reason="missing_value"} 1.0' in metrics
    fields = next(record.__dict__["fields"] for record in caplog.records if "fields" in record.__dict__)
    assert (fields["samples"], fields["verdicts"]) == (2, {"normal": 1, "invalid": 1})


def test_models_of_images_have_no_lines(image_client: TestClient) -> None:
    assert image_client.post("/models/tiles/lookout", content=b"", headers=CSV).status_code == 404
