import json
from typing import Any

import numpy as np
import orjson
import pytest

from model.scorer import VERDICTS
from model.validity import REASON_CODES
from service.limits import Limits
from service.registry.models import ServedModel
from service.scoring import score
from tests.samples import clean_rows

FAULTY = clean_rows(200) + np.where(np.arange(200)[:, None] % 3 == 0, [0.0, 0.0, 0.0, 9.0], 0.0)


def answer(model: ServedModel, body: object) -> Any:
    return json.loads(score(orjson.dumps(body), model, "r1", Limits()).answer)


def test_the_answer_says_which_request_and_which_model(pump: ServedModel) -> None:
    found = answer(pump, {"samples": FAULTY[:1].tolist()})
    assert {name: found[name] for name in ("request_id", "model", "version", "digest", "threshold")} == {
        "request_id": "r1",
        "model": "pump",
        "version": 1,
        "digest": pump.digest,
        "threshold": pump.manifest.threshold.value,
    }


def test_scores_are_those_of_the_scorer_to_the_last_bit(pump: ServedModel) -> None:
    results = answer(pump, {"samples": FAULTY.tolist()})["results"]
    expected = pump.scorer.score(FAULTY)
    assert [result["score"] for result in results] == expected.score.tolist()
    assert [result["p_value"] for result in results] == expected.p_value.tolist()
    assert [result["severity"] for result in results] == expected.severity.tolist()
    assert [result["verdict"] for result in results] == [VERDICTS[verdict] for verdict in expected.verdict]


def test_an_anomaly_is_a_score_above_the_threshold(pump: ServedModel) -> None:
    found = answer(pump, {"samples": FAULTY.tolist()})
    judged = [result["is_anomaly"] for result in found["results"]]
    assert judged == [result["score"] > found["threshold"] for result in found["results"]]
    assert {True, False} == set(judged)


def test_named_and_ordered_samples_get_the_same_scores(pump: ServedModel) -> None:
    ordered = answer(pump, {"samples": FAULTY.tolist()})
    named = answer(pump, {"samples": [dict(zip(pump.spec.names, row, strict=True)) for row in FAULTY.tolist()]})
    assert named == ordered


def test_ids_come_back_with_their_samples(pump: ServedModel) -> None:
    found = answer(pump, {"samples": FAULTY[:3].tolist(), "ids": ["a", 7, "ü"]})
    assert [result["id"] for result in found["results"]] == ["a", 7, "ü"]


def test_without_ids_the_id_is_null(pump: ServedModel) -> None:
    assert answer(pump, {"samples": FAULTY[:1].tolist()})["results"][0]["id"] is None


def test_without_explain_nothing_is_explained(pump: ServedModel) -> None:
    assert "contributions" not in answer(pump, {"samples": FAULTY[:1].tolist()})["results"][0]


def test_explanations_name_every_feature_largest_share_first(pump: ServedModel) -> None:
    found = answer(pump, {"samples": FAULTY.tolist(), "explain": True})
    for result, sample in zip(found["results"], FAULTY.tolist(), strict=True):
        shares = [part["share"] for part in result["contributions"]]
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) == pytest.approx(1)
        observed = {part["feature"]: part["observed"] for part in result["contributions"]}
        assert observed == dict(zip(pump.spec.names, sample, strict=True))


def test_explanations_expect_what_the_detector_reconstructs(pump: ServedModel) -> None:
    found = answer(pump, {"samples": FAULTY[:5].tolist(), "explain": True})
    for result, expected in zip(found["results"], pump.scorer.explain(FAULTY[:5]).reconstruction, strict=True):
        parts = {part["feature"]: part["expected"] for part in result["contributions"]}
        assert [parts[name] for name in pump.spec.names] == expected.tolist()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("null", "missing_value: 'flow' has no value"),
        ("NaN", "missing_value: 'flow' has no value"),
        ("Infinity", "infinite_value: 'flow' is infinite"),
        ("-1e400", "infinite_value: 'flow' is infinite"),
        ("9" * 5000, "infinite_value: 'flow' is infinite"),
        ("1e308", "not_scorable: 'flow' is 1e+308, beyond what floating point can score"),
        ('"120"', "not_a_number: 'flow' is '120', expected a number"),
        ("true", "not_a_number: 'flow' is true, expected a number"),
        ("[]", "not_a_number: 'flow' is an array, expected a number"),
    ],
    ids=lambda text: text[:12],
)
@pytest.mark.parametrize("explain", ["true", "false"])
def test_a_bad_value_makes_its_own_sample_invalid_and_no_other(
    pump: ServedModel, value: str, reason: str, explain: str
) -> None:
    good = "[8, 120, 45, 11]"
    body = f'{{"samples": [{good}, [8, {value}, 45, 11], {good}], "explain": {explain}}}'
    first, bad, last = json.loads(score(body.encode(), pump, "r", Limits()).answer)["results"]
    assert first == last
    assert first["verdict"] != "invalid"
    assert bad == {
        "id": None,
        "verdict": "invalid",
        "is_anomaly": None,
        "score": None,
        "p_value": None,
        "severity": None,
        "reason": reason,
    }
    assert reason.partition(":")[0] in REASON_CODES


def test_a_value_outside_its_declared_range_is_invalid_with_the_range(pump: ServedModel) -> None:
    (result,) = answer(pump, {"samples": [[21, 120, 45, 11]]})["results"]
    assert result["reason"] == "out_of_range: 'pressure' is 21 bar, outside its declared range [0, 20]"


def test_repeated_scoring_repeats_the_answer(pump: ServedModel) -> None:
    body = orjson.dumps({"samples": FAULTY.tolist(), "explain": True})
    assert score(body, pump, "r", Limits()).answer == score(body, pump, "r", Limits()).answer
