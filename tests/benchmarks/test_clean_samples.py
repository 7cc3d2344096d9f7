import numpy as np

from benchmarks.clean_samples import clean_samples
from model.bundle import read_bundle
from model.scorer import INVALID, Scorer
from tests.golden.bundle import GOLDEN_BUNDLE


def test_samples_to_score_are_valid_and_no_two_alike() -> None:
    bundle = read_bundle(GOLDEN_BUNDLE)
    x = clean_samples(bundle, 500)
    assert x.shape == (500, 4)
    assert len(np.unique(x, axis=0)) == 500
    assert not (Scorer(bundle).score(x).verdict == INVALID).any()
