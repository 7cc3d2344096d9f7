import numpy as np
import orjson
import pytest

from benchmarks.serving.samples import samples_to_send
from model.bundle import read_bundle
from model.scorer import INVALID, Scorer
from tests.golden.bundle import GOLDEN_BUNDLE


def test_samples_are_the_same_numbers_in_json_and_in_float32_and_valid() -> None:
    bundle = read_bundle(GOLDEN_BUNDLE)
    x, scores = samples_to_send(bundle, 256)
    assert x.shape == (256, 4)
    np.testing.assert_array_equal(x, x.astype(np.float32))
    np.testing.assert_array_equal(x, np.array(orjson.loads(orjson.dumps(x.tolist()))))
    scored = Scorer(bundle).score(x)
    assert not (scored.verdict == INVALID).any()
    assert scores == pytest.approx(scored.score)
