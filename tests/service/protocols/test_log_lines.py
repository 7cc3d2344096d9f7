"""What the log says of requests with rows that never come to be scored."""

import json
import logging

import pytest
from fastapi.testclient import TestClient

from service.logs import JsonLines
from tests.service.protocols.series_bodies import NORMAL, csv, stamps, variables

LOOKOUT, AZURE = "/models/rig/lookout", "/multivariate/models/rig:detect-last"
COUNT = 3  # fewer than the model's windows have steps, so that none of them is filled


@pytest.mark.parametrize("path", [LOOKOUT, AZURE])
def test_a_request_of_which_nothing_can_be_scored_has_its_line(
    window_client: TestClient, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    rows = [NORMAL] * COUNT
    caplog.set_level(logging.INFO, "plumbline.request")
    if path == LOOKOUT:
        response = window_client.post(path, content=csv(rows, stamps(COUNT)), headers={"Content-Type": "text/csv"})
    else:
        response = window_client.post(path, json={"variables": variables(rows, stamps(COUNT))})
    assert response.status_code == 200, response.text
    (record,) = [record for record in caplog.records if record.name == "plumbline.request"]
    line = json.loads(JsonLines().format(record))
    assert set(line["verdicts"]) == {"invalid"}
    assert line["verdicts"]["invalid"] == line["samples"] > 0
