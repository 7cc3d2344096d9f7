import numpy as np
import pytest

from examples.rig.dynamics import SPAN, first_order, lagged, wandering


def test_first_order_follows_the_closed_form_of_a_step() -> None:
    seconds = np.arange(1, 5001)
    solved = first_order(np.full(5000, 1 / 600), np.full(5000, 50 / 600), start=20.0)
    np.testing.assert_allclose(solved, 50 - 30 * np.exp(-seconds / 600), rtol=1e-12)


def test_first_order_agrees_with_a_second_by_second_recurrence_over_several_spans() -> None:
    rng = np.random.default_rng(0)
    rate, drive = rng.uniform(1e-4, 5e-2, 2 * SPAN + 7), rng.uniform(0, 1, 2 * SPAN + 7)
    expected, y = [], 3.0
    for k, d in zip(rate, drive, strict=True):
        y = d / k + (y - d / k) * np.exp(-k)
        expected.append(y)
    np.testing.assert_allclose(first_order(rate, drive, start=3.0), expected, rtol=1e-9)


def test_a_lag_reaches_63_percent_of_a_step_after_its_time_constant_and_starts_settled() -> None:
    target = np.concatenate([np.full(50, 2.0), np.full(200, 12.0)])
    followed = lagged(target, 30.0)
    np.testing.assert_allclose(followed[:50], 2.0)
    assert followed[50 + 29] == pytest.approx(2 + 10 * (1 - np.exp(-1)))


def test_a_wandering_value_keeps_its_spread() -> None:
    walked = wandering(400_000, 2.0, 20.0, np.random.default_rng(0))
    assert walked.mean() == pytest.approx(0, abs=0.1)
    assert walked.std() == pytest.approx(2.0, rel=0.03)
