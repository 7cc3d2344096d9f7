"""The API document: it is what is committed, and it is true."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fastapi.testclient import TestClient

from service.openapi_document import openapi_document

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"
Document = dict[str, Any]
MIXED = {"samples": [[8, 120, 45, 11], [8, 120, 45, 99], [8, None, 45, 11]], "ids": ["a", 2, "c"]}


@pytest.fixture(scope="module")
def document() -> Document:
    parsed: Document = json.loads(COMMITTED.read_text())
    return parsed


def fits(instance: object, schema: Document, document: Document) -> None:
    jsonschema.validate(instance, {**schema, "components": document["components"]}, jsonschema.Draft202012Validator)


def response_schema(document: Document, path: str, method: str, status: str) -> Document:
    schema: Document = document["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]
    return schema


def test_the_committed_document_is_what_the_application_says() -> None:
    assert openapi_document() == COMMITTED.read_text(), "run: python -m service.openapi_document > docs/openapi.json"


def test_every_example_of_a_body_is_taken(client: TestClient, document: Document) -> None:
    for path, methods in document["paths"].items():
        if "requestBody" in methods.get("post", {}):
            for example in methods["post"]["requestBody"]["content"]["application/json"]["examples"].values():
                place = path.format(name="pump", stream="line-3", version=1, api_version="v1.1")
                assert client.post(place, json=example["value"]).status_code == 200


def test_every_example_fits_its_schema(document: Document) -> None:
    found = 0
    for methods in document["paths"].values():
        for operation in methods.values():
            for response in operation["responses"].values():
                for content in response.get("content", {}).values():
                    if "example" in content:
                        fits(content["example"], content["schema"], document)
                        found += 1
            body = operation.get("requestBody", {"content": {"application/json": {"examples": {}}}})
            for example in body["content"]["application/json"]["examples"].values():
                fits(example["value"], body["content"]["application/json"]["schema"], document)
                found += 1
    assert found > 20


@pytest.mark.parametrize("prefix", ["", "/models/{name}"])
@pytest.mark.parametrize("operation", ["score", "reconstruct", "encode"])
def test_answers_are_of_the_form_described(client: TestClient, document: Document, prefix: str, operation: str) -> None:
    path = f"{prefix}/{operation}"
    body = {**MIXED, "explain": True} if operation == "score" else MIXED
    answer = client.post(path.format(name="pump"), json=body)
    assert answer.status_code == 200
    fits(body, document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"], document)
    fits(answer.json(), response_schema(document, path, "post", "200"), document)


@pytest.mark.parametrize("path", ["/models", "/models/{name}", "/health/live", "/health/ready"])
def test_what_is_told_of_the_service_is_of_the_form_described(
    client: TestClient, document: Document, path: str
) -> None:
    fits(client.get(path.format(name="pump")).json(), response_schema(document, path, "get", "200"), document)


@pytest.mark.parametrize(
    ("body", "status"), [("{", 400), ('{"samples": []}', 422), ('{"samples": [[1, 2], [3]]}', 422)]
)
def test_errors_are_of_the_form_described(client: TestClient, document: Document, body: str, status: int) -> None:
    response = client.post("/score", content=body)
    assert response.status_code == status
    fits(response.json(), response_schema(document, "/score", "post", str(status)), document)


def test_every_operation_says_which_key_it_takes_and_what_is_said_without_one(document: Document) -> None:
    assert set(document["components"]["securitySchemes"]) == {"bearer", "header"}
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert {"401", "403", "429"} <= set(operation["responses"])
            needed = [one for one in operation["security"] if one]
            assert [list(one) for one in needed] == [["bearer"], ["header"]]
            assert ({} in operation["security"]) == (path == "/metrics" or "/health/" in path)
    assert document["paths"]["/score"]["post"]["security"][0] == {"bearer": ["score"]}
    assert document["paths"]["/streams/{stream}"]["delete"]["security"][0] == {"bearer": ["admin"]}
