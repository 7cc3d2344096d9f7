import httpx2
import numpy as np
import orjson

from benchmarks.serving.dialects.open_inference import HEADER_LENGTH, binary_request, json_requests
from benchmarks.serving.kinds import BATCH, SINGLE

X = np.arange(256 * 3, dtype=np.float64).reshape(256, 3) / 16


def test_tensors_in_json_are_flat_with_their_shape_beside() -> None:
    asked = json_requests(X)
    for kind in (SINGLE, BATCH):
        (tensor,) = orjson.loads(asked[kind].body)["inputs"]
        assert tensor["shape"] == [kind.samples, 3]
        assert tensor["data"] == X[: kind.samples].ravel().tolist()


def test_a_binary_request_is_a_header_of_the_length_named_and_then_float32() -> None:
    request = binary_request(X)
    length = int(request.headers[HEADER_LENGTH])
    header = orjson.loads(request.body[:length])
    assert header["inputs"][0]["parameters"] == {"binary_data_size": 4 * X.size}
    np.testing.assert_array_equal(np.frombuffer(request.body[length:], np.float32).reshape(256, 3), X)


def test_a_binary_request_may_ask_for_more_than_scores_of_a_model_of_another_name() -> None:
    request = binary_request(X, "pump", ("p_value",))
    header = orjson.loads(request.body[: int(request.headers[HEADER_LENGTH])])
    assert [output["name"] for output in header["outputs"]] == ["score", "p_value"]
    assert request.path == "/v2/models/pump/infer"


def test_binary_answers_are_read_behind_their_header_as_far_as_they_are_scores() -> None:
    scores = np.array([1.5, 2.5])
    header = orjson.dumps({"outputs": [{"name": "score", "shape": [2]}, {"name": "is_anomaly", "shape": [2]}]})
    content = header + scores.tobytes() + b"\0\1"
    answer = httpx2.Response(200, headers={HEADER_LENGTH: str(len(header))}, content=content)
    np.testing.assert_array_equal(binary_request(X).read_scores(answer), scores)
