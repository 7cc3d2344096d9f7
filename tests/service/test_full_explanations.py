import json
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pytest
from fastapi.testclient import TestClient

from model.bundle import read_bundle
from model.scorer import Scorer
from service.errors import StructureError
from service.limits import Limits
from service.registry.models import ServedModel
from service.registry.slot import Loaded
from service.scoring import score
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import clean_rows

FAULTY = clean_rows(3, seed=7) + np.array([[0.0, 30.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 5.0]])


def answer(model: ServedModel, body: object) -> Any:
    return json.loads(score(orjson.dumps(body), model, "r1", Limits()).answer)


def test_samples_in_full_have_all_that_an_explanation_has_and_more(pump: ServedModel) -> None:
    plain = answer(pump, {"samples": FAULTY.tolist(), "explain": True})["results"]
    full = answer(pump, {"samples": FAULTY.tolist(), "explain": "full"})["results"]
    assert [{name: value for name, value in result.items() if name != "in_full"} for result in full] == plain
    assert all("in_full" in result for result in full)


def test_the_sensor_that_is_off_is_named_with_what_it_should_have_read(pump: ServedModel) -> None:
    faulty = answer(pump, {"samples": FAULTY.tolist(), "explain": "full"})["results"][0]
    found = faulty["in_full"]
    (corrected,) = found["put_right"]
    first = found["readings"][0]
    assert (corrected["feature"], first["feature"], first["observed"]) == ("flow", "flow", FAULTY[0, 1])
    assert first["interval"][0] < first["imputed"] < first["interval"][1] < first["observed"]
    assert found["score_put_right"] <= pump.manifest.threshold.value
    assert first["fall"] == pytest.approx(faulty["score"] - found["score_put_right"])
    assert found["interval_coverage"] == 0.95


def test_a_normal_sample_has_nothing_to_put_right(pump: ServedModel) -> None:
    normal = answer(pump, {"samples": FAULTY.tolist(), "explain": "full"})["results"][1]
    assert normal["verdict"] == "normal"
    assert (normal["in_full"]["put_right"], normal["in_full"]["score_put_right"]) == ([], normal["score"])


def test_the_nearest_clean_samples_are_named_by_file_and_row(pump: ServedModel) -> None:
    for result in answer(pump, {"samples": FAULTY.tolist(), "explain": "full"})["results"]:
        nearest = result["in_full"]["nearest"]
        assert len(nearest) == 3
        for near in nearest:
            assert near["place"].startswith("pump.parquet row ")
            assert len(near["sample"]) == 4


def test_an_invalid_sample_is_not_explained(pump: ServedModel) -> None:
    body = {"samples": [[8.1, None, 45.2, 11.1], FAULTY[0].tolist()], "explain": "full"}
    invalid, other = answer(pump, body)["results"]
    assert "in_full" not in invalid
    assert "in_full" in other


@pytest.mark.parametrize("value", [1e150, -1e150, 1e-300])
def test_no_value_makes_an_explanation_that_is_no_number(pump: ServedModel, value: float) -> None:
    result = answer(pump, {"samples": [[8.1, value, 45.2, value]], "explain": "full"})["results"][0]
    found = result["in_full"]
    assert all(reading["fall"] >= 0 for reading in found["readings"])
    assert all(near["distance"] >= 0 for near in found["nearest"])
    assert isinstance(found["score_put_right"], float)


def test_a_bundle_that_keeps_nothing_says_so() -> None:
    bundle = read_bundle(GOLDEN_BUNDLE)
    bare = Scorer(replace(bundle, manifest=bundle.manifest.model_copy(update={"explanation": None}), sketch=None))
    model = ServedModel.of(Loaded(bare))
    with pytest.raises(StructureError, match="keeps nothing to explain samples in full with; 'explain' may be true"):
        answer(model, {"samples": FAULTY.tolist(), "explain": "full"})


def test_the_service_answers_in_full(client: TestClient) -> None:
    response = client.post("/score", json={"samples": FAULTY.tolist(), "explain": "full"})
    assert response.status_code == 200
    assert response.json()["results"][0]["in_full"]["put_right"][0]["feature"] == "flow"


def test_more_samples_in_full_than_allowed_are_refused(client: TestClient) -> None:
    most = Limits().fully_explained_values // 4
    response = client.post("/score", json={"samples": FAULTY[:1].tolist() * (most + 1), "explain": "full"})
    assert (response.status_code, response.json()["error"]["details"]) == (413, {"max_samples": most})
