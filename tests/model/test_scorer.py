from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from model.bundle import Bundle, read_bundle
from model.errors import BundleGoldenError
from model.golden import Golden
from model.raw_scorer import CHUNK
from model.scorer import ANOMALY, INVALID, NORMAL, REVIEW, VERDICTS, Scorer
from model.validity import REASON_CODES
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import FEATURES, clean_rows

BUNDLE: Bundle = read_bundle(GOLDEN_BUNDLE)
SCORER = Scorer(BUNDLE)
THRESHOLD = BUNDLE.manifest.threshold.value
PRESSURE, FLOW, TEMPERATURE, CURRENT = range(4)


def good_row() -> NDArray[np.float64]:
    row: NDArray[np.float64] = BUNDLE.golden.samples[BUNDLE.golden.verdicts == NORMAL][:1].copy()
    return row


def spoilt_row(feature: int, value: float) -> NDArray[np.float64]:
    row = good_row()
    row[0, feature] = value
    return row


SPOILT = [
    (PRESSURE, np.nan, "missing_value: 'pressure'"),
    (FLOW, np.nan, "missing_value: 'flow'"),
    (FLOW, np.inf, "infinite_value: 'flow'"),
    (CURRENT, -np.inf, "infinite_value: 'current'"),
    (PRESSURE, 20.1, "out_of_range: 'pressure' is 20.1 bar"),
    (PRESSURE, -0.1, "out_of_range: 'pressure'"),
    (TEMPERATURE, 1e300, "out_of_range: 'temperature'"),
    (FLOW, 1e300, "not_scorable: 'flow' is 1e+300"),
    (CURRENT, -np.finfo(float).max, "not_scorable: 'current'"),
]


@pytest.mark.parametrize(("feature", "value", "reason"), SPOILT)
def test_a_sample_that_cannot_be_judged_is_invalid_and_says_why(feature: int, value: float, reason: str) -> None:
    judged = SCORER.score(spoilt_row(feature, value))
    assert judged.verdict.tolist() == [INVALID]
    assert judged.reasons[0].startswith(reason)
    assert np.isnan([judged.score[0], judged.p_value[0], judged.severity[0]]).all()


@pytest.mark.parametrize(("feature", "value", "reason"), SPOILT)
def test_an_invalid_sample_leaves_its_neighbours_alone(feature: int, value: float, reason: str) -> None:
    clean = clean_rows(20)
    x = np.insert(clean, 7, spoilt_row(feature, value), axis=0)
    judged = SCORER.score(x)
    assert list(judged.reasons) == [7]
    np.testing.assert_array_equal(np.delete(judged.score, 7), SCORER.score(clean).score)
    np.testing.assert_array_equal(np.delete(judged.verdict, 7), SCORER.score(clean).verdict)


any_value = st.floats(width=64, allow_nan=True, allow_infinity=True)


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 8), st.just(len(FEATURES))), elements=any_value))
@settings(deadline=None, max_examples=300)
def test_whatever_comes_in_no_sample_without_a_finite_score_is_anything_but_invalid(x: NDArray[np.float64]) -> None:
    judged = SCORER.score(x)
    invalid = judged.verdict == INVALID
    assert (invalid == ~np.isfinite(judged.score)).all()
    assert (invalid == np.isnan(judged.p_value)).all()
    assert (invalid == np.isnan(judged.severity)).all()
    assert sorted(judged.reasons) == np.flatnonzero(invalid).tolist()
    assert all(reason.partition(":")[0] in REASON_CODES for reason in judged.reasons.values())
    assert invalid[~np.isfinite(x).all(axis=1)].all()
    assert ((judged.verdict == ANOMALY) == (judged.score > THRESHOLD)).all()
    assert (judged.score[~invalid] >= 0).all()
    assert ((judged.severity[~invalid] >= 0) & (judged.severity[~invalid] <= 1)).all()


def test_a_row_that_the_caller_could_not_read_is_invalid_whatever_it_holds() -> None:
    judged = SCORER.score(clean_rows(3), {1: "unreadable_row: not a number"})
    assert judged.verdict[1] == INVALID
    assert INVALID not in judged.verdict[[0, 2]]
    assert np.isnan(judged.score[1])
    assert dict(judged.reasons) == {1: "unreadable_row: not a number"}


def test_what_the_caller_says_of_a_row_comes_before_what_is_found() -> None:
    x = np.vstack([clean_rows(1), spoilt_row(FLOW, np.nan)])
    judged = SCORER.score(x, {1: "unreadable_row: cut off"})
    assert dict(judged.reasons) == {1: "unreadable_row: cut off"}


def test_a_batch_of_invalid_samples_is_answered() -> None:
    judged = SCORER.score(np.full((3, 4), np.nan))
    assert judged.verdict.tolist() == [INVALID] * 3
    assert sorted(judged.reasons) == [0, 1, 2]


def test_an_empty_batch_is_answered() -> None:
    judged = SCORER.score(np.empty((0, 4)))
    parts = (judged.score, judged.p_value, judged.severity, judged.verdict)
    assert [part.shape for part in parts] == [(0,)] * 4
    assert not judged.reasons


@pytest.mark.parametrize("count", [CHUNK, CHUNK + 1])
def test_invalid_samples_keep_their_place_around_the_chunk_size(count: int) -> None:
    x = clean_rows(count)
    rows = [0, CHUNK - 1, count - 1]
    x[rows, FLOW] = np.nan
    judged = SCORER.score(x)
    assert sorted(judged.reasons) == sorted(set(rows))
    valid = np.delete(np.arange(count), rows)
    np.testing.assert_array_equal(judged.score[valid], SCORER.score(x[valid]).score)


def test_scoring_leaves_the_samples_as_they_are() -> None:
    x = np.vstack([clean_rows(5), spoilt_row(FLOW, np.nan), spoilt_row(FLOW, 1e300)])
    before = x.copy()
    SCORER.score(x)
    np.testing.assert_array_equal(x, before)


def with_thresholds(value: float, review: float | None = None) -> Scorer:
    threshold = BUNDLE.manifest.threshold.model_copy(update={"value": value})
    looser = None if review is None else threshold.model_copy(update={"value": review, "target_fpr": 0.5})
    manifest = BUNDLE.manifest.model_copy(update={"threshold": threshold, "review_threshold": looser})
    return Scorer(replace(BUNDLE, manifest=manifest))


def test_a_score_on_the_threshold_is_normal_and_the_next_one_is_not() -> None:
    x = clean_rows(1)
    score = float(SCORER.score(x).score[0])
    assert with_thresholds(score).score(x).verdict.tolist() == [NORMAL]
    assert with_thresholds(np.nextafter(score, 0)).score(x).verdict.tolist() == [ANOMALY]


def test_between_two_thresholds_a_sample_is_for_review() -> None:
    x = clean_rows(300)
    low, high = np.quantile(SCORER.score(x).score, [0.5, 0.9])
    judged = with_thresholds(float(high), float(low)).score(x)
    expected = np.where(judged.score > high, ANOMALY, np.where(judged.score > low, REVIEW, NORMAL))
    np.testing.assert_array_equal(judged.verdict, expected)
    assert set(judged.verdict.tolist()) == {NORMAL, REVIEW, ANOMALY}


def test_an_invalid_sample_is_not_for_review_either() -> None:
    judged = with_thresholds(THRESHOLD, 0.0).score(spoilt_row(FLOW, np.nan))
    assert judged.verdict.tolist() == [INVALID]


def test_the_numbers_of_verdicts_are_their_places() -> None:
    assert [VERDICTS[number] for number in (NORMAL, REVIEW, ANOMALY, INVALID)] == [
        "normal",
        "review",
        "anomaly",
        "invalid",
    ]


def test_the_worst_sample_has_the_smallest_p_value_there_is() -> None:
    far = spoilt_row(FLOW, 1e6)
    assert SCORER.score(far).p_value.tolist() == [1 / (BUNDLE.calibration.size + 1)]


def mixed_batches() -> Iterator[NDArray[np.float64]]:
    for seed in range(150):
        x = clean_rows(1 + seed % 40, seed)
        x[seed % len(x), seed % 4] = (np.nan, np.inf, 1e300, 19.0)[seed % 4]
        yield x


def test_many_threads_get_what_one_gets() -> None:
    batches = list(mixed_batches())
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(SCORER.score, batches))
    for x, found in zip(batches, together, strict=True):
        alone = SCORER.score(x)
        np.testing.assert_array_equal(found.score, alone.score)
        np.testing.assert_array_equal(found.verdict, alone.verdict)
        np.testing.assert_array_equal(found.p_value, alone.p_value)
        assert found.reasons == alone.reasons


def test_the_reasons_of_an_answer_cannot_be_changed() -> None:
    judged = SCORER.score(spoilt_row(FLOW, np.nan))
    with pytest.raises(TypeError):
        cast(dict[int, str], judged.reasons)[0] = "fine"


def test_golden_samples_that_score_otherwise_are_named() -> None:
    golden = BUNDLE.golden
    scores = golden.scores.copy()
    row = int(np.flatnonzero(np.isfinite(scores))[3])
    scores[row] *= 1.01
    scorer = Scorer(replace(BUNDLE, golden=Golden(golden.samples, scores, golden.verdicts)))
    with pytest.raises(BundleGoldenError, match=f"^bundle pump version 1: .*golden sample {row} must score"):
        scorer.check_golden()


def test_a_scorer_tells_whose_it_is() -> None:
    assert SCORER.manifest == BUNDLE.manifest
    assert SCORER.digest == BUNDLE.digest
    assert SCORER.spec.names == tuple(feature.name for feature in FEATURES)
    assert SCORER.provider == "cpu"
