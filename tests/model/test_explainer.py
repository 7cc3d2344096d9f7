"""Full explanations of the golden bundle's little pump: two hidden causes, four readings, a little noise."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from model.bundle import Bundle, read_bundle
from model.explainer import NEIGHBOURS, Explainer
from model.explanation import Explanation
from model.raw_scorer import RawScorer
from model.scorer import Scorer
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import FEATURES, SCALE, clean_rows

CLEAN = clean_rows(40, seed=5)
PRESSURE, FLOW, TEMPERATURE, CURRENT = range(4)


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(GOLDEN_BUNDLE)


@pytest.fixture(scope="module")
def explainer(bundle: Bundle) -> Explainer:
    found = Scorer(bundle).explainer
    assert found is not None
    return found


@pytest.fixture(scope="module")
def raw(bundle: Bundle) -> RawScorer:
    return RawScorer(bundle.scorer)


def with_fault(sample: NDArray[np.float64], **shifts: float) -> NDArray[np.float64]:
    """Shift readings, by name, by so many of their spreads."""
    faulty = sample.copy()
    names = [feature.name for feature in FEATURES]
    for name, shift in shifts.items():
        faulty[names.index(name)] += shift * SCALE[names.index(name)]
    return faulty


@pytest.mark.parametrize("feature", range(4))
def test_the_faulty_sensor_is_named_and_told_what_it_should_have_read(explainer: Explainer, feature: int) -> None:
    for sample in CLEAN[:5]:
        found = explainer.explain(with_fault(sample, **{FEATURES[feature].name: 5.0}))
        first = found.readings[0]
        assert first.feature == feature
        assert first.imputed == pytest.approx(sample[feature], abs=0.7 * SCALE[feature])
        assert list(found.put_right) == [feature]


def test_what_a_reading_should_have_been_does_not_depend_on_what_it_was(explainer: Explainer) -> None:
    found = [explainer.explain(with_fault(CLEAN[0], flow=shift)).readings[0] for shift in (4.0, 400.0)]
    assert found[0].imputed == pytest.approx(found[1].imputed, abs=1e-3 * SCALE[FLOW])


def test_intervals_hold_the_true_reading_about_as_often_as_they_say(explainer: Explainer) -> None:
    held = []
    for row, sample in enumerate(CLEAN):
        feature = row % 4
        readings = explainer.explain(with_fault(sample, **{FEATURES[feature].name: 6.0})).readings
        (interval,) = (reading.interval for reading in readings if reading.feature == feature)
        assert interval is not None
        held.append(interval[0] <= sample[feature] <= interval[1])
    assert np.mean(held) >= 0.85


def test_falls_are_those_of_the_score(explainer: Explainer, raw: RawScorer) -> None:
    sample = with_fault(CLEAN[1], flow=4.0)
    falls = []
    for reading in explainer.explain(sample).readings:
        corrected = sample.copy()
        corrected[reading.feature] = reading.imputed
        assert reading.fall == pytest.approx(raw.scores(sample[None])[0] - raw.scores(corrected[None])[0], abs=1e-9)
        falls.append(reading.fall)
    assert falls == sorted(falls, reverse=True)


def test_a_normal_sample_needs_nothing_put_right(explainer: Explainer, raw: RawScorer) -> None:
    found = explainer.explain(CLEAN[0])
    assert found.put_right == {}
    assert found.score_put_right == raw.scores(CLEAN[:1])[0]


def test_the_nearest_clean_samples_ignore_the_readings_that_are_off(explainer: Explainer) -> None:
    found = [explainer.explain(sample).nearest for sample in (CLEAN[2], with_fault(CLEAN[2], flow=50.0))]
    assert all(len(near) == NEIGHBOURS for near in found)
    assert all(near.place.startswith("pump.parquet row ") for near in found[1])
    assert found[1][0].distance < 0.3
    assert [near.distance for near in found[0]] == sorted(near.distance for near in found[0])


def test_an_interval_stays_within_the_declared_range(bundle: Bundle, explainer: Explainer) -> None:
    assert bundle.manifest.explanation is not None
    kept = bundle.manifest.explanation
    wide = tuple(of.model_copy(update={"half_width": 1e6}) for of in kept.readings)
    raw, spec = RawScorer(bundle.scorer), bundle.manifest.feature_spec
    generous = Explainer(raw, 1.0, spec, kept.model_copy(update={"readings": wide}), None)
    intervals = {reading.feature: reading.interval for reading in generous.explain(CLEAN[0]).readings}
    assert (intervals[PRESSURE], intervals[TEMPERATURE]) == ((0.0, 20.0), (-40.0, 200.0))


def test_a_bundle_without_intervals_or_sketch_has_none(bundle: Bundle) -> None:
    assert bundle.manifest.explanation is not None
    bare = tuple(of.model_copy(update={"half_width": None}) for of in bundle.manifest.explanation.readings)
    kept = Explanation(coverage=0.95, rows=0, readings=bare)
    found = Explainer(RawScorer(bundle.scorer), 1.0, bundle.manifest.feature_spec, kept, None).explain(CLEAN[0])
    assert found.nearest == []
    assert {reading.interval for reading in found.readings} == {None}


def test_a_bundle_that_keeps_nothing_has_no_explainer(bundle: Bundle) -> None:
    manifest = bundle.manifest.model_copy(update={"explanation": None})
    assert Scorer(replace(bundle, manifest=manifest, sketch=None)).explainer is None


def test_the_same_sample_is_explained_the_same_way_again(explainer: Explainer) -> None:
    sample = with_fault(CLEAN[3], current=5.0)
    first, second = explainer.explain(sample), explainer.explain(sample)
    assert (first.readings, first.put_right) == (second.readings, second.put_right)
