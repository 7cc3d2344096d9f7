"""Whatever is sent, each protocol answers: 2xx or 4xx, in its own forms, and what is invalid is never normal."""

import json
import math
from typing import Any

from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from service.protocols.v2.binary import HEADER
from tests.samples import FEATURES
from tests.service.protocols.series_bodies import stamps
from tests.service.test_any_body import ARBITRARY, JSON, VALUES

NAMES = [feature.name for feature in FEATURES]
PARAMETERS = st.fixed_dictionaries({}, optional={"binary_data_size": st.integers(-1, 80) | JSON, "binary_data": JSON})
TENSOR = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["x", *NAMES]) | JSON,
        "shape": st.sampled_from([[1, 4], [2, 4], [4], [1], [1, 1]]) | st.lists(st.integers(-1, 5)) | JSON,
        "datatype": st.sampled_from(["FP64", "FP32", "INT32", "UINT8", "BOOL"]) | JSON,
    },
    optional={"data": st.lists(VALUES, min_size=4, max_size=4) | JSON, "parameters": PARAMETERS | JSON},
)
INFER = st.fixed_dictionaries(
    {"inputs": st.lists(TENSOR, min_size=1, max_size=5) | JSON},
    optional={"id": JSON, "parameters": PARAMETERS | JSON, "outputs": st.lists(JSON, max_size=3) | JSON},
)
VARIABLE = st.fixed_dictionaries(
    {
        "variable": st.sampled_from(NAMES) | JSON,
        "timestamps": st.just(stamps(2)) | st.lists(st.text(max_size=30), max_size=3) | JSON,
        "values": st.lists(VALUES, min_size=2, max_size=2) | JSON,
    }
)
DETECT = st.fixed_dictionaries(
    {
        "variables": st.tuples(
            *(
                st.fixed_dictionaries(
                    {
                        "variable": st.just(name),
                        "timestamps": st.just(stamps(2)),
                        "values": st.lists(VALUES, min_size=2, max_size=2),
                    }
                )
                for name in NAMES
            )
        )
        | st.lists(VARIABLE, max_size=5)
        | JSON
    },
    optional={"topContributorCount": st.integers(0, 31) | JSON},
)
CELL = (
    st.floats().map(str) | st.sampled_from(["8.1", "", '"', "nan", "1_0", "2026-01-01T00:00:00Z"]) | st.text(max_size=5)
)
TABLE = st.lists(st.lists(CELL, min_size=5, max_size=5).map(",".join), max_size=5).map(
    lambda rows: "\n".join([",".join(["Timestamp", *NAMES]), *rows])
)


@ARBITRARY
@given(body=INFER | JSON, data=st.binary(max_size=80), length=st.none() | st.integers(-2, 200))
def test_inference_answers_any_body(client: TestClient, body: Any, data: bytes, length: int | None) -> None:
    text = json.dumps(body).encode()
    headers = {HEADER: str(len(text) if length is None else length)} if data or length is not None else {}
    response = client.post("/v2/models/pump/infer", content=text + data, headers=headers)
    if response.status_code != 200:
        assert 400 <= response.status_code < 500, response.text
        assert isinstance(response.json()["error"], str)


@ARBITRARY
@given(rows=st.lists(st.lists(st.floats(width=64), min_size=4, max_size=4), min_size=1, max_size=5))
def test_inference_never_takes_what_is_invalid_for_normal(client: TestClient, rows: list[list[float]]) -> None:
    tensor = {"name": "x", "shape": [len(rows), 4], "datatype": "FP64", "data": rows}
    response = client.post("/v2/models/pump/infer", content=json.dumps({"inputs": [tensor]}))
    said = {output["name"]: output["data"] for output in response.json()["outputs"]}
    for verdict, score, is_anomaly in zip(said["verdict"], said["score"], said["is_anomaly"], strict=True):
        assert (verdict == "invalid") == (score is None)
        assert is_anomaly == (verdict in ("anomaly", "invalid"))


@ARBITRARY
@given(body=DETECT | JSON)
def test_detection_answers_any_body(client: TestClient, body: Any) -> None:
    response = client.post("/multivariate/models/pump:detect-last", content=json.dumps(body))
    if response.status_code == 200:
        (result,) = response.json()["results"]
        assert ("value" in result) == (not result["errors"])
    else:
        assert 400 <= response.status_code < 500, response.text
        assert set(response.json()["error"]) == {"code", "message"}


@ARBITRARY
@given(body=TABLE.map(str.encode) | st.binary(max_size=200))
def test_lines_answer_any_table(client: TestClient, body: bytes) -> None:
    response = client.post("/models/pump/lookout", content=body, headers={"Content-Type": "text/csv"})
    if response.status_code == 200:
        for line in map(json.loads, response.text.splitlines()):
            assert ("prediction" in line) == (line["prediction_reason"] != "INVALID") == ("reason" not in line)
            assert math.isfinite(line.get("anomaly_score", 0))
    else:
        assert 400 <= response.status_code < 500, response.text
