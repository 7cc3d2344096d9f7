from dataclasses import replace

import numpy as np
import pytest

from model.bundle import read_bundle
from model.generator import Generator
from model.scorer import Scorer
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import SCALE, clean_rows

BUNDLE = read_bundle(GOLDEN_BUNDLE)
BARE = replace(BUNDLE, manifest=BUNDLE.manifest.model_copy(update={"explanation": None}), sketch=None)
SEARCH = Generator(BUNDLE).search()
PURIFIER = Scorer(BUNDLE).purifier(SEARCH)
(CLEAN,) = clean_rows(1, seed=5)


def test_a_sample_that_raises_no_alarm_stays_as_it_is() -> None:
    found = PURIFIER.purify(CLEAN)
    np.testing.assert_array_equal(found.sample, CLEAN)
    assert (found.method, found.put_right) == ("put_right", {})


def test_a_faulty_reading_alone_is_put_right() -> None:
    faulty = CLEAN + np.array([0, 30, 0, 0])
    found = PURIFIER.purify(faulty)
    assert list(found.put_right) == [1]
    np.testing.assert_array_equal(np.delete(found.sample, 1), np.delete(faulty, 1))
    assert found.sample[1] == pytest.approx(CLEAN[1], abs=SCALE[1])


def test_where_more_than_two_readings_are_off_the_process_is_sought_in_the_latent() -> None:
    found = PURIFIER.purify(CLEAN + SCALE * [9, -9, 9, -9])
    assert (found.method, found.put_right) == ("search", {})
    assert np.abs((found.sample - CLEAN) / SCALE).max() < 9


def test_a_bundle_that_keeps_nothing_to_explain_with_searches() -> None:
    faulty = CLEAN + np.array([0, 30, 0, 0])
    found = Scorer(BARE).purifier(SEARCH).purify(faulty)
    assert found.method == "search"
    np.testing.assert_array_equal(found.sample, SEARCH.clean(faulty))


def test_a_detector_without_latent_and_explanation_gives_its_reconstruction() -> None:
    scorer = Scorer(BARE)
    found = scorer.purifier(None).purify(CLEAN)
    assert found.method == "reconstruction"
    np.testing.assert_array_equal(found.sample, scorer.explain(CLEAN[None]).reconstruction[0])


def test_without_a_latent_readings_are_put_right_however_many() -> None:
    found = Scorer(BUNDLE).purifier(None).purify(CLEAN + SCALE * [9, -9, 9, -9])
    assert found.method == "put_right"
    assert len(found.put_right) > 2
