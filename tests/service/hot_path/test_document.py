"""The API document describes what the hot path takes: what it answers is allowed there, and what is not allowed there it refuses."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from tests.service.bundles import GOLDEN_MODELS
from tests.service.hot_path.test_front import BODIES, address, ask
from tests.service.programs import Serving, serving
from tests.service.test_any_body import BODY

DOCUMENT = json.loads((Path(__file__).parents[3] / "docs/openapi.json").read_text("utf-8"))
OPERATION = DOCUMENT["paths"]["/score"]["post"]
REQUEST = Draft202012Validator(
    {**OPERATION["requestBody"]["content"]["application/json"]["schema"]} | {"components": DOCUMENT["components"]}
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(GOLDEN_MODELS, tmp_path_factory.mktemp("document") / "log") as service:
        yield service


def check(service: Serving, body: bytes) -> None:
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return  # no JSON, of which a schema says nothing
    connection = HTTPConnection(*address(service))
    status, _, said = ask(connection, body)
    connection.close()
    allowed = REQUEST.is_valid(parsed)
    assert allowed or status in (413, 422), f"the document does not allow {body!r}, which is answered with {status}"
    answer = OPERATION["responses"][str(status)]["content"]["application/json"]["schema"]
    Draft202012Validator({**answer} | {"components": DOCUMENT["components"]}).validate(said)


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_taken_only_if_the_document_allows_it_and_answered_as_it_says(service: Serving, name: str) -> None:
    check(service, BODIES[name])


@given(BODY)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_so_is_whatever_else_is_sent(service: Serving, body: object) -> None:
    check(service, json.dumps(body).encode())
