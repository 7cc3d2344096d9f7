from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from model.raw_scorer import CHUNK, RawScorer
from tests.factories import untrained_detector
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import clean_rows
from training.export import export_graphs


@pytest.fixture(scope="module")
def raw() -> RawScorer:
    return RawScorer((GOLDEN_BUNDLE / "scorer.onnx").read_bytes())


def test_no_samples_have_no_scores(raw: RawScorer) -> None:
    scores = raw.scores(np.empty((0, 4)))
    assert scores.shape == (0,)
    assert scores.dtype == np.float64


def test_no_samples_have_no_explanation(raw: RawScorer) -> None:
    explanation = raw.explain(np.empty((0, 4)))
    assert explanation.reconstruction.shape == explanation.contribution.shape == (0, 4)


@pytest.mark.parametrize("count", [CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1])
def test_every_sample_is_scored_once_and_in_order_around_the_chunk_size(raw: RawScorer, count: int) -> None:
    x = clean_rows(count)
    scores = raw.scores(x)
    assert scores.shape == (count,)
    edges = [0, 1, CHUNK - 2, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, count - 1]
    for row in {edge for edge in edges if edge < count}:
        assert scores[row] == raw.scores(x[row : row + 1])[0]


def test_explanations_are_in_order_around_the_chunk_size(raw: RawScorer) -> None:
    x = clean_rows(CHUNK + 1)
    explanation = raw.explain(x)
    last = raw.explain(x[-1:])
    np.testing.assert_array_equal(explanation.reconstruction[-1:], last.reconstruction)
    np.testing.assert_array_equal(explanation.contribution[-1:], last.contribution)


def view_of_every_second_row(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.repeat(x, 2, axis=0)[::2]


def column_order(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asfortranarray(x)


def shifted_in_memory(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.vstack([x[:1], x])[1:]


def read_only(x: NDArray[np.float64]) -> NDArray[np.float64]:
    x = x.copy()
    x.flags.writeable = False
    return x


@pytest.mark.parametrize("layout", [view_of_every_second_row, column_order, shifted_in_memory, read_only])
def test_how_samples_lie_in_memory_changes_no_bit(
    raw: RawScorer, layout: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> None:
    x = clean_rows(777)
    np.testing.assert_array_equal(raw.scores(layout(x)), raw.scores(x))


def test_the_same_samples_always_get_the_same_scores(raw: RawScorer) -> None:
    x = clean_rows(100)
    again = RawScorer((GOLDEN_BUNDLE / "scorer.onnx").read_bytes())
    np.testing.assert_array_equal(raw.scores(x), raw.scores(x))
    np.testing.assert_array_equal(raw.scores(x), again.scores(x))


def test_many_threads_get_what_one_gets() -> None:
    shared = RawScorer((GOLDEN_BUNDLE / "scorer.onnx").read_bytes())  # its second session is opened by several at once
    batches = [clean_rows(1 + seed % 60, seed) for seed in range(200)]
    expected = [RawScorer((GOLDEN_BUNDLE / "scorer.onnx").read_bytes()).scores(x) for x in batches[:1]]
    with ThreadPoolExecutor(16) as pool:
        explained = pool.map(lambda x: shared.explain(x).contribution, batches)
        scored = list(pool.map(shared.scores, batches))
        contributions = list(explained)
    np.testing.assert_array_equal(scored[0], expected[0])
    for x, scores, contribution in zip(batches, scored, contributions, strict=True):
        np.testing.assert_array_equal(scores, shared.scores(x))
        np.testing.assert_array_equal(contribution, shared.explain(x).contribution)


def test_contributions_are_at_least_zero_and_finite(raw: RawScorer) -> None:
    contribution = raw.explain(clean_rows(500)).contribution
    assert (contribution >= 0).all()
    assert np.isfinite(contribution).all()


def test_contributions_to_a_squared_distance_are_at_most_all_of_it() -> None:
    """Setting one residual to its expectation cannot lower the score by more than all of it."""
    raw, x = RawScorer(export_graphs(untrained_detector().graphs).scorer), clean_rows(500)
    contribution = raw.explain(x).contribution
    assert (contribution >= 0).all()
    assert (contribution <= raw.scores(x)[:, None] * (1 + 1e-9)).all()


@pytest.mark.parametrize("feature", range(4))
def test_a_reading_far_off_raises_the_score_and_its_own_reconstruction_stays_sane(raw: RawScorer, feature: int) -> None:
    x = clean_rows(1)
    off = x.copy()
    off[0, feature] += 1e6
    assert raw.scores(off)[0] > 1e3 * raw.scores(x)[0]
    assert np.isfinite(raw.explain(off).reconstruction).all()
