import io

import numpy as np
import pytest

from model.golden import Golden, compare_golden

GOLDEN = Golden(
    samples=np.array([[1.0, 2.0], [3.0, 4.0], [np.nan, 0.0]]),
    scores=np.array([0.5, 8.0, np.nan]),
    verdicts=np.array([0, 2, 3], dtype=np.int8),
)
RTOL = 1e-5


def test_the_same_answers_pass() -> None:
    assert compare_golden(GOLDEN, GOLDEN.scores.copy(), GOLDEN.verdicts.copy(), RTOL) is None


def test_a_difference_within_the_tolerance_passes() -> None:
    assert compare_golden(GOLDEN, GOLDEN.scores * (1 + 0.9e-5), GOLDEN.verdicts, RTOL) is None


@pytest.mark.parametrize(
    ("scores", "verdicts", "sentence"),
    [
        ([0.5, 8.001, np.nan], [0, 2, 3], "golden sample 1 must score 8 within 1e-05, got 8.001"),
        ([0.5, np.nan, np.nan], [0, 2, 3], "golden sample 1 must score 8, got nan"),
        ([0.5, np.inf, np.nan], [0, 2, 3], "golden sample 1 must score 8 within 1e-05, got inf"),
        ([0.5, 8.0, 1.0], [0, 2, 3], "golden sample 2 must score nan, got 1"),
        ([0.5, 8.0, np.nan], [1, 2, 3], "golden sample 0 must get verdict 'normal', got 'review'"),
        ([0.5, 8.0, np.nan], [0, 2, 0], "golden sample 2 must get verdict 'invalid', got 'normal'"),
    ],
)
def test_another_answer_is_described(scores: list[float], verdicts: list[int], sentence: str) -> None:
    fault = compare_golden(GOLDEN, np.array(scores), np.array(verdicts, dtype=np.int8), RTOL)
    assert fault is not None
    assert fault.startswith(sentence)


def test_golden_samples_that_are_all_invalid_compare_by_verdict() -> None:
    golden = Golden(np.full((1, 2), np.nan), np.array([np.nan]), np.array([3], dtype=np.int8))
    assert compare_golden(golden, np.array([np.nan]), np.array([3], dtype=np.int8), RTOL) is None


def test_arrays_survive_the_archive_bit_for_bit_and_without_pickle() -> None:
    with np.load(io.BytesIO(GOLDEN.to_npz()), allow_pickle=False) as arrays:
        assert sorted(arrays) == ["samples", "scores", "verdicts"]
        for name in arrays:
            np.testing.assert_array_equal(arrays[name], getattr(GOLDEN, name))
            assert arrays[name].dtype == getattr(GOLDEN, name).dtype
