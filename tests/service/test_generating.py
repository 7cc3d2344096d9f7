import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from fastapi.testclient import TestClient

from model.bundle import read_bundle
from model.generator import MAX_SEED, Generator
from model.latent_draws import POSTERIORS
from service.errors import NoLatentError, RequestError, StructureError, TooManySamplesError
from service.generating import generate
from service.limits import Limits
from service.registry.directory import load_models
from service.registry.models import ServedModel
from service.registry.slot import Loaded
from tests.samples import clean_rows
from tests.service.bundles import PUMP, Files, Manifest, put_bundle

ENDS = clean_rows(2).tolist()


def answer(model: ServedModel, body: dict[str, Any], limits: Limits | None = None) -> dict[str, Any]:
    answered: dict[str, Any] = json.loads(generate(orjson.dumps(body), model, "r", limits or Limits()))
    return answered


def test_draws_are_those_of_the_seed(pump: ServedModel) -> None:
    said = answer(pump, {"n": 16, "seed": 7})
    assert pump.generator is not None
    expected = pump.generator.draw(16, 7)
    assert said["samples"] == expected.samples.tolist()
    assert said["latents"] == expected.latents.tolist()
    assert (said["origin"], said["seed"], said["features"]) == ("prior", 7, [*pump.spec.names])
    assert said["outside_range"] == {"samples": 0, "features": {}}


def test_a_seed_that_was_not_given_is_told_and_draws_the_same_again(pump: ServedModel) -> None:
    first, second = answer(pump, {"n": 2}), answer(pump, {"n": 2})
    assert first["seed"] != second["seed"]
    assert answer(pump, {"n": 2, "seed": first["seed"]})["samples"] == first["samples"]


def test_a_path_leads_from_one_sample_to_the_other(pump: ServedModel) -> None:
    said = answer(pump, {"between": ENDS, "steps": 5})
    assert (said["origin"], said["seed"], len(said["samples"])) == ("between", None, 5)
    rebuilt = pump.scorer.explain(np.array(ENDS)).reconstruction
    np.testing.assert_allclose([said["samples"][0], said["samples"][-1]], rebuilt, atol=1e-5)


def test_ends_by_name_give_the_same_path_in_nine_steps(pump: ServedModel) -> None:
    named = [dict(zip(pump.spec.names, end, strict=True)) for end in ENDS]
    said = answer(pump, {"between": named})
    assert len(said["samples"]) == 9
    assert said["samples"] == answer(pump, {"between": ENDS, "steps": 9})["samples"]


def test_samples_outside_declared_ranges_are_counted_by_feature(pump: ServedModel) -> None:
    features = tuple(
        feature.model_copy(update={"low": 120.0} if feature.name == "flow" else {}) for feature in pump.spec.features
    )
    narrow = pump.manifest.model_copy(update={"features": features})
    bundle = replace(read_bundle(PUMP), manifest=narrow)
    said = answer(ServedModel.of(Loaded(pump.scorer, generator=Generator(bundle))), {"n": 100, "seed": 1})
    below = sum(sample[1] < 120 for sample in said["samples"])
    assert 20 < below < 80
    assert said["outside_range"] == {"samples": below, "features": {"flow": below}}


def test_draws_from_the_aggregated_posterior_need_a_bundle_that_keeps_it(tmp_path: Path, pump: ServedModel) -> None:
    def keep(manifest: Manifest, files: Files) -> None:
        file = io.BytesIO()
        np.save(file, np.hstack([np.full((3, 2), 0.5), np.zeros((3, 2))]))
        files[POSTERIORS] = file.getvalue()

    put_bundle(tmp_path, change=keep)
    keeping = load_models(tmp_path, "cpu").get("pump")
    said = answer(keeping, {"n": 3, "from": "aggregated", "seed": 0})
    assert said["origin"] == "aggregated"
    assert said["latents"] == [[0.5, 0.5]] * 3


BAD: dict[str, tuple[dict[str, Any], type[RequestError], str]] = {
    "nothing asked": ({}, StructureError, "'n', how many samples to draw, or 'between', two samples"),
    "both asked": ({"n": 1, "between": ENDS}, StructureError, "beside 'between' the body may have 'steps', found 'n'"),
    "another field": (
        {"n": 1, "steps": 3},
        StructureError,
        "beside 'n' the body may have 'seed', 'from', found 'steps'",
    ),
    "none": ({"n": 0}, StructureError, "'n' must be an integer of at least 1, found 0"),
    "a part": ({"n": 1.5}, StructureError, "'n' must be an integer of at least 1, found 1.5"),
    "true": ({"n": True}, StructureError, "'n' must be an integer of at least 1, found true"),
    "one step": ({"between": ENDS, "steps": 1}, StructureError, "'steps' must be an integer of at least 2, found 1"),
    "a negative seed": ({"n": 1, "seed": -1}, StructureError, "'seed' must be an integer of at least 0"),
    "a large seed": ({"n": 1, "seed": MAX_SEED + 1}, StructureError, "and at most 9,223,372,036,854,775,807"),
    "elsewhere": ({"n": 1, "from": "moon"}, StructureError, '\'from\' must be "prior" or "aggregated", found "moon"'),
    "not kept": ({"n": 1, "from": "aggregated"}, StructureError, "keeps no posteriors of clean samples"),
    "three ends": ({"between": [*ENDS, ENDS[0]]}, StructureError, "an array of two samples, found an array of 3"),
    "no ends": ({"between": 3}, StructureError, "'between' must be an array of two samples, found 3"),
    "a short end": ({"between": [ENDS[0], [1, 2]]}, StructureError, "1 of 2 samples do not fit"),
    "an invalid end": (
        {"between": [ENDS[0], [8, 120, 4500, 11]]},
        StructureError,
        "'between' must hold valid samples; sample 1: out_of_range: 'temperature' is 4500 degC",
    ),
    "too many": ({"n": 125_001}, TooManySamplesError, "for 125,000 samples, found 125,001"),
    "too many steps": ({"between": ENDS, "steps": 125_001}, TooManySamplesError, "125,000 samples, found 125,001"),
}


@pytest.mark.parametrize(("body", "error", "message"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_generated_is_refused_in_a_sentence(
    body: dict[str, Any], error: type[RequestError], message: str, tmp_path: Path
) -> None:
    def keep_none(manifest: Manifest, files: Files) -> None:
        files.pop(POSTERIORS, None)

    put_bundle(tmp_path, change=keep_none)
    with pytest.raises(error) as refused:
        answer(load_models(tmp_path, "cpu").get("pump"), body)
    assert message in str(refused.value)


def test_a_model_without_a_latent_says_so(pump: ServedModel) -> None:
    bare = ServedModel.of(Loaded(pump.scorer))
    with pytest.raises(NoLatentError, match="no latent space to draw samples from"):
        answer(bare, {"n": 1})


@pytest.mark.parametrize("path", ["/generate", "/models/pump/generate"])
def test_the_service_generates(client: TestClient, path: str) -> None:
    response = client.post(path, json={"n": 3, "seed": 1})
    assert response.status_code == 200
    assert np.shape(response.json()["samples"]) == (3, 4)
    again = client.post(path, json={"n": 3, "seed": 1}).json()
    assert again["samples"] == response.json()["samples"]
