import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.series.segments import Segments, find_segments
from training.windows.length import LONGEST, SHORTEST, mean_autocorrelation, propose_length


def whole(values: NDArray[np.float64]) -> Segments:
    return find_segments(None, None, np.ones(len(values), dtype=np.bool_), 1.0)


def waves(period: float, count: int, seed: int, noise: float = 0.2) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    phase = 2 * np.pi * np.arange(count) / period
    return np.column_stack([np.sin(phase), 40 + 3 * np.cos(phase)]) + noise * rng.normal(size=(count, 2))


@settings(deadline=None, max_examples=30)
@given(st.integers(SHORTEST, LONGEST), st.integers(0, 1000))
def test_a_clear_period_becomes_the_length(period: int, seed: int) -> None:
    values = waves(period, 2000, seed)
    length, why = propose_length(values, whole(values))
    assert abs(length - period) <= 2
    assert why.startswith("one period, where the autocorrelation is 0.")


def test_without_a_period_the_length_is_the_time_that_steps_are_remembered() -> None:
    rng = np.random.default_rng(0)
    memory = 30
    values = np.zeros((20_000, 3))
    for row in range(1, len(values)):
        values[row] = np.exp(-1 / memory) * values[row - 1] + rng.normal(size=3)
    length, why = propose_length(values, whole(values))
    assert length == pytest.approx(memory, rel=0.2)
    assert why == f"the autocorrelation falls below 1/e after {length} steps"


def test_a_length_is_bounded_and_says_so() -> None:
    noise = np.random.default_rng(0).normal(size=(2000, 2))
    assert propose_length(noise, whole(noise))[0] == SHORTEST
    slow = waves(500, 4000, 0)
    length, why = propose_length(slow, whole(slow))
    assert length == LONGEST
    assert f"bounded to {SHORTEST} to {LONGEST} steps" in why


def test_the_longest_stretch_without_a_gap_decides() -> None:
    values = np.concatenate([np.random.default_rng(0).normal(size=(300, 2)), waves(32, 1000, 0)])
    usable = np.arange(len(values)) != 300
    segments = find_segments(None, None, usable, 1.0)
    assert abs(propose_length(values[segments.order], segments)[0] - 32) <= 1


def test_the_autocorrelation_is_that_of_its_definition() -> None:
    values = np.random.default_rng(0).normal(size=(50, 2)).cumsum(axis=0)
    centred = values - values.mean(axis=0)
    expected = [
        np.mean([(one[: 50 - lag] * one[lag:]).sum() / (one**2).sum() for one in centred.T]) for lag in range(25)
    ]
    np.testing.assert_allclose(mean_autocorrelation(values), expected, atol=1e-12)
    still = np.column_stack([values, np.full(50, 3.0)])
    np.testing.assert_allclose(mean_autocorrelation(still), expected, atol=1e-12)
