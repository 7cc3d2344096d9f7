"""Outcomes pooled over files, and what is clean of a machine's series."""

import numpy as np
import pytest

from benchmarks.timeseries.skab import Pooled, Verdicts
from benchmarks.timeseries.smd import WAYS, Machine


def test_rates_are_of_all_files_together() -> None:
    one = Verdicts(np.array([2.0, 2.0, 0.0, 0.0]), 1.0, np.array([True, False, True, False]))
    other = Verdicts(np.array([9.0, 1.0]), 5.0, np.array([True, True]))
    pooled = Pooled.of("ours", [one, other])
    # Two hits, one false alarm of two clean rows, two of four anomalous rows missed.
    assert (pooled.f1, pooled.far, pooled.mar) == pytest.approx((2 * 2 / (2 * 2 + 1 + 2), 1 / 2, 2 / 4))


def test_a_score_at_the_threshold_is_no_alarm() -> None:
    assert not Verdicts(np.array([1.0]), 1.0, np.array([True])).alarms.any()


@pytest.mark.parametrize(("first", "expected"), [(300, 200), (900, 250)])
def test_the_clean_start_ends_a_hundred_rows_before_the_first_anomaly_or_after_a_quarter(
    first: int, expected: int
) -> None:
    anomalous = np.arange(1000) >= first
    machine = Machine("m", np.zeros((5, 2)), np.zeros((1000, 2)), anomalous)
    assert len(machine.clean(WAYS[1])) == expected
    assert len(machine.clean(WAYS[0])) == 5
