from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from service.limits import Limits
from tests.service.protocols.v2.conftest import Ask

GOOD: dict[str, Any] = {"name": "x", "shape": [1, 4], "datatype": "FP64", "data": [8.0, 120.0, 45.0, 11.0]}
BINARY = {**{key: GOOD[key] for key in ("name", "shape", "datatype")}, "parameters": {"binary_data_size": 32}}
ROW = np.array([8.0, 120.0, 45.0, 11.0]).tobytes()


def outputs(answer: Any) -> dict[str, Any]:
    return {output["name"]: output["data"] for output in answer["outputs"]}


def test_an_answer_says_which_model_answered_under_which_id(ask: Ask) -> None:
    answer = ask({"id": "press 7", "inputs": [GOOD]}).json()
    assert (answer["id"], answer["model_name"], answer["model_version"]) == ("press 7", "pump", "1")
    assert set(answer["parameters"]) == {"version", "digest", "threshold"}
    assert outputs(answer)["verdict"] == ["normal"]


def test_an_answer_to_a_request_without_an_id_has_none(ask: Ask) -> None:
    assert "id" not in ask({"inputs": [GOOD]}).json()


def test_nested_data_is_that_of_its_shape(ask: Ask) -> None:
    rows = {**GOOD, "shape": [2, 4], "data": [[8, 120, 45, 11], [8, 120, 45, 99]]}
    assert outputs(ask({"inputs": [rows]}).json())["verdict"] == ["normal", "anomaly"]


@pytest.mark.parametrize("bad", ["8.0", True, [8.0], {"a": 1}])
def test_what_is_no_number_makes_its_own_sample_invalid(ask: Ask, bad: object) -> None:
    rows = {**GOOD, "shape": [2, 4], "data": [8, 120, 45, 11, 8, bad, 45, 11]}
    said = outputs(ask({"inputs": [rows]}).json())
    assert said["verdict"] == ["normal", "invalid"]
    assert said["score"][1] is None
    assert said["reason"][0] == ""
    assert said["reason"][1].startswith("not_a_number: 'flow' is ")


def test_a_number_beyond_its_type_is_infinite(ask: Ask) -> None:
    rows = {**GOOD, "datatype": "FP32", "data": [8, 1e300, 45, 11]}
    assert outputs(ask({"inputs": [rows]}).json())["reason"] == ["infinite_value: 'flow' is infinite"]


@pytest.mark.parametrize("datatype", ["INT8", "UINT8", "INT16", "INT32", "INT64", "UINT64", "FP16"])
def test_every_numeric_type_is_taken(ask: Ask, datatype: str) -> None:
    dtype = {"FP16": "<f2"}.get(datatype, f"<{datatype.lower().replace('uint', 'u').replace('int', 'i')}")
    size = int(datatype[-2:].strip("TP")) // 8 if datatype != "FP16" else 2
    dtype = dtype[:2] + str(size)
    data = np.array([8, 120, 45, 11]).astype(dtype).tobytes()
    tensor = {**BINARY, "datatype": datatype, "parameters": {"binary_data_size": len(data)}}
    assert outputs(ask({"inputs": [tensor]}, data).json())["verdict"] == ["normal"]


def test_binary_data_comes_back_only_where_it_is_asked_for(ask: Ask) -> None:
    wanted = [{"name": "score", "parameters": {"binary_data": False}}, {"name": "verdict"}]
    response = ask({"inputs": [BINARY], "outputs": wanted, "parameters": {"binary_data_output": True}}, ROW)
    length = int(response.headers["Inference-Header-Content-Length"])
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.content[length:] == b"\x06\x00\x00\x00normal"


def test_another_version_is_not_served(ask: Ask) -> None:
    assert ask({"inputs": [GOOD]}, path="/v2/models/pump/versions/1/infer").status_code == 200
    refused = ask({"inputs": [GOOD]}, path="/v2/models/pump/versions/2/infer")
    assert refused.status_code == 404
    assert refused.json() == {"error": "model 'pump' is served in version 1, found \"2\""}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ([], "the body must be an object with 'inputs', found an array"),
        ({}, "'inputs' must be an array of at least one tensor, found null"),
        ({"inputs": []}, "'inputs' must be an array of at least one tensor, found an empty one"),
        ({"inputs": [GOOD], "sequence": 1}, "the body may have the fields 'id', 'inputs', 'outputs', 'parameters', found 'sequence'"),
        ({"inputs": [GOOD], "id": 7}, "'id' must be a text of at most 1,000 characters, found 7"),
        ({"inputs": [GOOD], "parameters": 7}, "'parameters' must be an object, found 7"),
        ({"inputs": [GOOD], "parameters": {"binary_data_output": 1}}, "'binary_data_output' of the request must be true or false, found 1"),
        ({"inputs": [GOOD], "outputs": {}}, "'outputs' must be an array, found an object"),
        ({"inputs": [GOOD], "outputs": [{"name": "y"}]}, "each output must be an object with a 'name' of 'score'"),
        ({"inputs": [GOOD], "outputs": [{"name": "score"}] * 2}, "each output may be asked for once"),
        ({"inputs": [GOOD], "outputs": [{"name": "score"}] * 7}, "there are 6 outputs"),
        ({"inputs": [GOOD], "outputs": [{"name": "score", "parameters": {"classification": 3}}]}, "output 'score' asks for 'classification', which"),
        ({"inputs": [7]}, "each input must be an object, found 7"),
        ({"inputs": [GOOD, GOOD]}, 'each input may be there once, found "x" twice'),
        ({"inputs": [GOOD] * 5}, "model 'pump' has 4 features, found 5 inputs"),
        ({"inputs": [{**GOOD, "name": None}]}, "each input must have a 'name', found null"),
        ({"inputs": [{**GOOD, "dtype": 1}]}, "input \"x\" may have the fields"),
        ({"inputs": [{**GOOD, "datatype": "BYTES"}]}, "input \"x\" must have a 'datatype' of 'FP64'"),
        ({"inputs": [{**GOOD, "shape": [True, 4]}]}, "input \"x\" must have a 'shape' of 1 to 8 whole numbers, found an array"),
        ({"inputs": [{**GOOD, "shape": []}]}, "input \"x\" must have a 'shape' of 1 to 8 whole numbers"),
        ({"inputs": [{**GOOD, "shape": [-1, 4]}]}, "input \"x\" must have a 'shape' of 1 to 8 whole numbers"),
        ({"inputs": [{**GOOD, "shape": [0, 4], "data": []}]}, "the inputs must hold at least one sample"),
        ({"inputs": [{**GOOD, "shape": [2, 4]}]}, 'input "x" with the shape [2, 4] has 8 values, found 4'),
        ({"inputs": [{**GOOD, "shape": [2, 2], "data": [[1, 2, 3], [4]]}]}, "the 'data' of input \"x\" is not nested as its shape [2, 2] has it"),
        ({"inputs": [{**GOOD, "shape": [2, 2]}]}, "input 'x' must have the shape [samples, 4], its values in the order 'pressure'"),
        ({"inputs": [{**GOOD, "data": None}]}, "input \"x\" must have an array as 'data', found null"),
        ({"inputs": [{**GOOD, "parameters": {"shared_memory_region": "a"}}]}, 'input "x" is in shared memory'),
        ({"inputs": [{**GOOD, "parameters": {"binary_data_size": 32}}]}, "input \"x\" must have either 'data' or 'binary_data_size'"),
        ({"inputs": [{**GOOD, "name": "flow"}]}, "the inputs must be 'x' alone, or one for each of 'pressure', 'flow', 'temperature', 'current', found no 'pressure'"),
    ],
)  # fmt: skip
def test_a_body_of_another_form_is_refused_in_a_sentence(ask: Ask, body: object, found: str) -> None:
    response = ask(body)
    assert response.status_code == 422
    assert [*response.json()] == ["error"]
    assert response.json()["error"].startswith(found)


@pytest.mark.parametrize(
    ("tensor", "data", "found"),
    [
        (BINARY, ROW[:-1], 'input "x" has a binary_data_size of 32, found 31 bytes behind the JSON'),
        (BINARY, ROW + b"1", "the inputs' binary_data_size add up to 32, found 1 bytes more"),
        ({**BINARY, "parameters": {"binary_data_size": -1}}, ROW, "the binary_data_size of input \"x\" must be a number of bytes"),
        ({**BINARY, "datatype": "FP32"}, ROW, 'input "x" of FP32 with the shape [1, 4] has 16 bytes, found a binary_data_size of 32'),
    ],
)  # fmt: skip
def test_binary_data_that_does_not_add_up_is_refused(ask: Ask, tensor: object, data: bytes, found: str) -> None:
    response = ask({"inputs": [tensor]}, data)
    assert response.status_code == 422
    assert response.json()["error"].startswith(found)


@pytest.mark.parametrize("length", ["-1", "1e3", "99999", "", "٣", "9" * 30])
def test_a_length_that_no_json_has_is_refused(ask: Ask, length: str) -> None:
    response = ask({"inputs": [GOOD]}, b"", **{"Inference-Header-Content-Length": length.encode()})
    assert response.status_code == 400
    assert response.json()["error"].startswith(
        "Inference-Header-Content-Length must be a number of bytes, at most the "
    )


def test_more_samples_than_the_limit_are_refused(ask: Ask) -> None:
    count = Limits().samples + 1
    data = ROW * count
    tensor = {**BINARY, "shape": [count, 4], "parameters": {"binary_data_size": len(data)}}
    response = ask({"inputs": [tensor]}, data)
    assert response.status_code == 413
    assert response.json() == {
        "error": "a request may hold 10,000 samples, found 10,001; send them in several requests"
    }


def test_other_types_of_body_are_refused(client: TestClient) -> None:
    response = client.post("/v2/models/pump/infer", content=b"{}", headers={"Content-Type": "text/csv"})
    assert response.status_code == 415
    assert response.json() == {
        "error": 'the body must be application/json or application/octet-stream, found "text/csv"'
    }
