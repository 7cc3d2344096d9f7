"""Windows over HTTP bodies: read, scored as the model scores them, explained by channel and step."""

import json

import numpy as np
import orjson
import pytest

from model.bundle import read_bundle
from model.encoder import Encoder
from model.scorer import Scorer
from service.errors import StructureError
from service.limits import Limits
from service.rebuilding import encode, reconstruct
from service.registry.models import ServedModel
from service.registry.slot import Loaded
from service.scoring import score
from service.window_samples import read_windows
from tests.golden.window_bundle import CHANNELS, STEPS, WINDOW_BUNDLE, strokes

WINDOWS = np.stack([strokes(40, seed=3)[start : start + STEPS] for start in (0, 9, 21)])


@pytest.fixture(scope="module")
def press() -> ServedModel:
    bundle = read_bundle(WINDOW_BUNDLE)
    assert bundle.encoder is not None
    return ServedModel.of(Loaded(Scorer(bundle), Encoder(bundle.encoder)))


def body(**fields: object) -> bytes:
    return orjson.dumps(fields, option=orjson.OPT_SERIALIZE_NUMPY)


def test_windows_in_channel_order_and_by_name_score_as_the_model_scores_them(press: ServedModel) -> None:
    named = [{name: window[:, column].tolist() for column, name in enumerate(CHANNELS)} for window in WINDOWS]
    for samples in (WINDOWS, named):
        answer = json.loads(score(body(samples=samples), press, "r", Limits()).answer)
        assert [of["score"] for of in answer["results"]] == press.scorer.score(WINDOWS).score.tolist()


def test_a_bad_value_makes_its_own_window_invalid_and_says_which_step(press: ServedModel) -> None:
    samples = WINDOWS.tolist()
    samples[0][2][1] = None
    samples[1][5][0] = "high"
    answer = json.loads(score(body(samples=samples), press, "r", Limits()).answer)
    first, second, third = answer["results"]
    assert (first["verdict"], second["verdict"], third["verdict"] != "invalid") == ("invalid", "invalid", True)
    assert first["reason"] == f"missing_value: 'travel' has no value in step 3 of {STEPS}"
    assert second["reason"] == f"not_a_number: 'force' is 'high', expected a number in step 6 of {STEPS}"


def test_shares_of_channels_and_of_steps_each_add_up_to_one(press: ServedModel) -> None:
    stuck = WINDOWS.copy()
    stuck[:, :, 0] = stuck[:, :1, 0]
    answer = json.loads(score(body(samples=stuck, explain=True), press, "r", Limits()).answer)
    for result, window in zip(answer["results"], stuck, strict=True):
        shares = {of["feature"]: of["share"] for of in result["contributions"]}
        assert set(shares) == set(CHANNELS)
        assert sum(shares.values()) == pytest.approx(1)
        assert len(result["steps"]) == STEPS
        assert sum(result["steps"]) == pytest.approx(1)
        assert result["contributions"][0]["observed"] in window[-1]


@pytest.mark.parametrize(
    ("sample", "found"),
    [
        (WINDOWS[0][:-1].tolist(), f"found an array of {STEPS - 1}"),
        ([*WINDOWS[0][:-1].tolist(), [1.0, 2.0]], f"found as step {STEPS} an array of 2"),
        ({"force": [1.0] * STEPS, "travel": [1.0] * STEPS}, "found the names 'force', 'travel'"),
        ({name: [1.0] * (STEPS + (name == "travel")) for name in CHANNELS}, f'for "travel" an array of {STEPS + 1}'),
        (7, "found 7"),
    ],
)
def test_a_window_of_another_form_fails_the_request_and_is_named(
    press: ServedModel, sample: object, found: str
) -> None:
    with pytest.raises(StructureError, match="1 of 2 windows") as caught:
        read_windows([WINDOWS[1].tolist(), sample], press.spec, STEPS, may_hold_booleans=False)
    assert found in str(caught.value)
    assert "sample 1" in str(caught.value)


def test_windows_are_reconstructed_and_encoded_as_the_graphs_do_it(press: ServedModel) -> None:
    rebuilt = json.loads(reconstruct(body(samples=WINDOWS), press, "r", Limits()))
    expected = press.scorer.explain(WINDOWS).reconstruction
    np.testing.assert_array_equal([of["reconstruction"] for of in rebuilt["results"]], expected)
    placed = json.loads(encode(body(samples=WINDOWS), press, "r", Limits()))
    assert press.encoder is not None
    np.testing.assert_array_equal([of["mean"] for of in placed["results"]], press.encoder.encode(WINDOWS).mean)


def test_a_window_purified_is_a_window(press: ServedModel) -> None:
    stuck = WINDOWS.copy()
    stuck[:, :, 0] = stuck[:, :1, 0]
    answer = json.loads(reconstruct(body(samples=stuck[:1], purify=True), press, "r", Limits()))
    purified = answer["results"][0]["purified"]
    assert np.shape(purified["sample"]) == (STEPS, len(CHANNELS))
    np.testing.assert_allclose(np.add(purified["sample"], purified["removed"]), stuck[0])
