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


def test_binary_answers_are_read_behind_their_header() -> None:
    scores = np.array([1.5, 2.5])
    answer = httpx2.Response(200, headers={HEADER_LENGTH: "2"}, content=b"{}" + scores.tobytes())
    np.testing.assert_array_equal(binary_request(X).read_scores(answer), scores)
