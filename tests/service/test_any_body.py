"""Whatever is sent, the service answers: 2xx or 4xx, in the forms it promises."""

import json
import math

from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.samples import FEATURES

NAMES = [feature.name for feature in FEATURES]
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(10**400) | st.just(1e308)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)
VALUES = st.floats(0, 200) | SCALARS | JSON
SAMPLE = st.lists(VALUES, min_size=4, max_size=4) | st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES)) | JSON
BODY = st.fixed_dictionaries(
    {"samples": st.lists(SAMPLE, min_size=1, max_size=6) | JSON},
    optional={"ids": st.lists(st.text(max_size=5) | st.integers() | JSON, max_size=6), "explain": st.booleans() | JSON},
)
ARBITRARY = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def answered(client: TestClient, path: str, content: bytes) -> None:
    response = client.post(path, content=content)
    if response.status_code == 200:
        for result in response.json()["results"]:
            invalid = result["verdict"] == "invalid"
            assert invalid == ("reason" in result) == (result["is_anomaly"] is None)
            assert invalid or math.isfinite(result["score"])
    else:
        assert 400 <= response.status_code < 500, response.text
        assert [*response.json()] == ["error"]


@ARBITRARY
@given(body=BODY)
def test_any_body_of_about_the_right_form_is_answered(client: TestClient, body: object) -> None:
    answered(client, "/score", json.dumps(body).encode())


@ARBITRARY
@given(body=JSON)
def test_any_json_is_answered(client: TestClient, body: object) -> None:
    answered(client, "/score", json.dumps(body).encode())


@ARBITRARY
@given(
    content=st.binary(max_size=200)
    | st.text(alphabet='{}[]",:0123456789.eE+-NaInfty\\u d8', max_size=80).map(str.encode)
)
def test_any_bytes_are_answered(client: TestClient, content: bytes) -> None:
    answered(client, "/score", content)


@ARBITRARY
@given(values=st.lists(st.floats(width=64), min_size=4, max_size=4))
def test_any_four_numbers_get_a_verdict(client: TestClient, values: list[float]) -> None:
    response = client.post("/score", content=json.dumps({"samples": [values], "explain": True}))
    assert response.status_code == 200
    (result,) = response.json()["results"]
    if result["verdict"] != "invalid":
        assert all(math.isfinite(part["share"]) for part in result["contributions"])
