from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from training.faults import FaultKind, inject

KINDS: tuple[FaultKind, ...] = get_args(FaultKind)
ROWS = np.random.default_rng(0).normal([5.0, -300.0, 0.1], [2.0, 40.0, 0.01], (400, 3))
MEAN, MEDIAN, SPREAD = ROWS.mean(axis=0), np.median(ROWS, axis=0), ROWS.std(axis=0)

a_kind = st.sampled_from(KINDS)
a_feature = st.integers(0, 2)
a_share = st.floats(0, 1)
a_size = st.floats(0, 50)
a_seed = st.integers(0, 2**32)


def faulty(kind: FaultKind, size: float, feature: int = 1, seed: int = 0) -> NDArray[np.float64]:
    return inject(ROWS, feature, kind, size, np.random.default_rng(seed))[:, feature]


@settings(deadline=None)
@given(a_kind, a_feature, a_share)
def test_only_the_faulty_sensor_reads_otherwise(kind: FaultKind, feature: int, size: float) -> None:
    before = ROWS.copy()
    rows = inject(ROWS, feature, kind, size, np.random.default_rng(0))
    np.testing.assert_array_equal(np.delete(rows, feature, axis=1), np.delete(ROWS, feature, axis=1))
    np.testing.assert_array_equal(ROWS, before)
    assert np.isfinite(rows).all()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "stuck"])
def test_a_fault_of_no_size_is_none(kind: FaultKind) -> None:
    np.testing.assert_allclose(faulty(kind, 0), ROWS[:, 1], rtol=1e-12)


@settings(deadline=None)
@given(a_kind, a_share, a_seed)
def test_the_same_seed_gives_the_same_fault(kind: FaultKind, size: float, seed: int) -> None:
    np.testing.assert_array_equal(faulty(kind, size, seed=seed), faulty(kind, size, seed=seed))


@settings(deadline=None)
@given(st.floats(-50, 50))
def test_a_bias_shifts_every_row_alike(size: float) -> None:
    np.testing.assert_allclose(faulty("bias", size) - ROWS[:, 1], size * SPREAD[1], atol=1e-9)


@settings(deadline=None)
@given(st.floats(-50, 50))
def test_a_drift_grows_evenly_up_to_its_size(size: float) -> None:
    shift = faulty("drift", size) - ROWS[:, 1]
    np.testing.assert_allclose(np.diff(shift), size * SPREAD[1] / len(ROWS), atol=1e-9)
    assert shift[-1] == pytest.approx(size * SPREAD[1], abs=1e-9)
    assert shift[0] == pytest.approx(size * SPREAD[1] / len(ROWS), abs=1e-9)


@settings(deadline=None)
@given(st.floats(-50, 50))
def test_a_stuck_sensor_always_reads_the_same(size: float) -> None:
    found = faulty("stuck", size)
    np.testing.assert_array_equal(found, found[0])
    # What is left of two large numbers has their rounding.
    assert found[0] == pytest.approx(MEDIAN[1] + size * SPREAD[1], abs=1e-9)


@settings(deadline=None)
@given(a_size)
def test_noise_has_the_spread_it_is_given_and_grows_in_proportion(size: float) -> None:
    added, unit = faulty("noise", size) - ROWS[:, 1], faulty("noise", 1) - ROWS[:, 1]
    np.testing.assert_allclose(added, size * unit, atol=1e-9)
    assert unit.std() == pytest.approx(SPREAD[1], rel=0.15)
    assert abs(np.corrcoef(unit, ROWS[:, 1])[0, 1]) < 0.2


@settings(deadline=None)
@given(st.floats(-1, 50))
def test_gain_stretches_about_the_mean(size: float) -> None:
    reading = faulty("gain", size)
    assert reading.mean() == pytest.approx(MEAN[1])
    assert reading.std() == pytest.approx((1 + size) * SPREAD[1], abs=1e-9)


@settings(deadline=None)
@given(a_share, a_seed)
def test_decorrelation_leaves_every_value_and_takes_the_correlation_away(size: float, seed: int) -> None:
    reading = faulty("decorrelation", size, seed=seed)
    np.testing.assert_array_equal(np.sort(reading), np.sort(ROWS[:, 1]))
    # With 400 rows a correlation that is drawn strays by up to 0.05 times a few.
    assert np.corrcoef(reading, ROWS[:, 1])[0, 1] == pytest.approx(1 - size, abs=0.25)


@pytest.mark.parametrize("kind", ["bias", "drift", "stuck", "noise"])
def test_a_spread_that_is_given_counts_in_place_of_the_rows_own(kind: FaultKind) -> None:
    as_given = inject(ROWS, 1, kind, 2.0, np.random.default_rng(0), spread=3 * SPREAD[1])[:, 1]
    np.testing.assert_allclose(as_given, faulty(kind, 6.0), rtol=1e-9)


@pytest.mark.parametrize(
    ("kind", "size"), [("decorrelation", 1.5), ("decorrelation", -0.1), ("noise", -1), ("gain", -2), ("bias", np.nan)]
)
def test_a_size_that_means_nothing_is_refused(kind: FaultKind, size: float) -> None:
    with pytest.raises(ValueError, match=f"a fault of kind '{kind}' has a finite size"):
        faulty(kind, size)
