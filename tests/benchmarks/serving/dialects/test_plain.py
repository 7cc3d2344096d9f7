import httpx2
import numpy as np
import orjson
import pytest

from benchmarks.serving.dialects.plain import json_requests, raw_request, read_scores
from benchmarks.serving.kinds import BATCH, SINGLE

X = np.random.default_rng(0).normal(size=(256, 3))


def test_the_bodies_hold_the_first_samples_to_the_bit() -> None:
    asked = json_requests("/score", X)
    for kind in (SINGLE, BATCH):
        assert orjson.loads(asked[kind].body) == {"samples": X[: kind.samples].tolist()}
    np.testing.assert_array_equal(np.frombuffer(raw_request("/raw", X).body, np.float32), X.astype(np.float32).ravel())


@pytest.mark.parametrize("answer", [[1.5, 2], {"scores": [1.5, 2]}, {"results": [{"score": 1.5}, {"score": 2}]}])
def test_scores_are_found_in_every_form_of_answer(answer: object) -> None:
    assert read_scores(httpx2.Response(200, json=answer)).tolist() == [1.5, 2]
