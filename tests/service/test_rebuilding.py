import json
from collections.abc import Callable

import numpy as np
import orjson
import pytest

from service.errors import StructureError, TooManySamplesError
from service.limits import Limits
from service.rebuilding import encode, reconstruct
from service.registry.models import ServedModel
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


def test_a_purified_sample_says_what_was_removed_and_which_readings_were_put_right(pump: ServedModel) -> None:
    faulty = SAMPLES[0] + np.array([0, 30, 0, 0])
    body = orjson.dumps({"samples": [SAMPLES[0].tolist(), faulty.tolist(), [1, 2, 3, None]], "purify": True})
    clean, wrong, invalid = json.loads(reconstruct(body, pump, "r", Limits()))["results"]
    assert clean["purified"] == {
        "sample": SAMPLES[0].tolist(),
        "removed": [0.0] * 4,
        "put_right": [],
        "method": "put_right",
    }
    found = wrong["purified"]
    assert (found["put_right"], found["method"]) == (["flow"], "put_right")
    np.testing.assert_allclose(np.array(found["sample"]) + found["removed"], faulty)
    assert found["removed"][1] == pytest.approx(30, abs=6)
    assert "purified" not in invalid


def test_nothing_is_purified_unasked(pump: ServedModel) -> None:
    (result,) = json.loads(reconstruct(orjson.dumps({"samples": SAMPLES[:1].tolist()}), pump, "r", Limits()))["results"]
    assert set(result) == {"id", "reconstruction"}


def test_more_samples_to_purify_than_allowed_are_refused(pump: ServedModel) -> None:
    body = orjson.dumps({"samples": SAMPLES[:2].tolist(), "purify": True})
    with pytest.raises(TooManySamplesError, match="may ask to purify 1 samples of 4 values, found 2"):
        reconstruct(body, pump, "r", Limits(fully_explained_values=4))


def test_purify_is_true_or_false(pump: ServedModel) -> None:
    with pytest.raises(StructureError, match="'purify' must be true or false, found 1"):
        reconstruct(b'{"samples": [[1, 2, 3, 4]], "purify": 1}', pump, "r", Limits())
