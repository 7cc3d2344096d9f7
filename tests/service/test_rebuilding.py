import json
from collections.abc import Callable

import numpy as np
import orjson
import pytest

from service.limits import Limits
from service.models import ServedModel
from service.rebuilding import encode, reconstruct
from tests.samples import clean_rows

SAMPLES = clean_rows(5)
Operation = Callable[[bytes, ServedModel, str, Limits], bytes]


def test_reconstructions_are_those_of_the_scorer(pump: ServedModel) -> None:
    answer = json.loads(reconstruct(orjson.dumps({"samples": SAMPLES.tolist()}), pump, "r", Limits()))
    assert answer["features"] == [*pump.spec.names]
    rebuilt = [result["reconstruction"] for result in answer["results"]]
    assert rebuilt == pump.scorer.explain(SAMPLES).reconstruction.tolist()


def test_encodings_have_a_mean_and_a_log_variance_for_each_latent(pump: ServedModel) -> None:
    answer = json.loads(encode(orjson.dumps({"samples": SAMPLES.tolist()}), pump, "r", Limits()))
    assert pump.encoder is not None
    expected = pump.encoder.encode(SAMPLES)
    assert expected.mean.shape == (5, pump.manifest.graphs.latent_size)
    assert [result["mean"] for result in answer["results"]] == expected.mean.tolist()
    assert [result["log_variance"] for result in answer["results"]] == expected.log_variance.tolist()


@pytest.mark.parametrize("operation", [reconstruct, encode])
def test_an_invalid_sample_gets_nulls_and_a_reason(operation: Operation, pump: ServedModel) -> None:
    body = orjson.dumps({"samples": [[8, None, 45, 11], [8, 120, 45, 11], [8, "x", 45, 11]], "ids": ["a", "b", "c"]})
    first, good, last = json.loads(operation(body, pump, "r", Limits()))["results"]
    assert first["reason"] == "missing_value: 'flow' has no value"
    assert last["reason"] == "not_a_number: 'flow' is 'x', expected a number"
    assert "reason" not in good
    for field in {"reconstruction", "mean", "log_variance"} & set(good):
        assert first[field] is None
        assert np.isfinite(good[field]).all()


@pytest.mark.parametrize("operation", [reconstruct, encode])
def test_nothing_but_invalid_samples_is_answered_too(operation: Operation, pump: ServedModel) -> None:
    (result,) = json.loads(operation(b'{"samples": [[1, 2, 3, null]]}', pump, "r", Limits()))["results"]
    assert result["reason"] == "missing_value: 'current' has no value"
