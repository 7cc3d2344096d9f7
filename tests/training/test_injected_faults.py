import numpy as np
import pytest

from tests.samples import clean_rows
from training.injected_faults import MOST_FEATURES, MOST_ROWS, SIZES, inject_faults


def test_every_kind_and_size_is_put_into_every_feature_and_into_no_other() -> None:
    clean = clean_rows(500)
    faults = inject_faults(clean, 0)
    assert faults.count == sum(len(sizes) for sizes in SIZES.values()) * 4
    assert set(faults.kind.tolist()) == set(SIZES)
    assert set(faults.feature.tolist()) == {0, 1, 2, 3}
    moved = faults.x != clean[faults.source]
    rows = np.arange(len(faults.x))
    assert moved[rows, faults.feature].mean() > 0.95
    moved[rows, faults.feature] = False
    assert not moved.any()


@pytest.mark.parametrize(("rows", "features"), [(20, 1), (5000, 3), (300, 200)])
def test_the_faulty_rows_are_bounded_however_large_the_data(rows: int, features: int) -> None:
    faults = inject_faults(np.random.default_rng(0).normal(size=(rows, features)), 0)
    assert 0 < len(faults.x) <= MOST_ROWS
    assert faults.features == min(features, MOST_FEATURES)
    assert faults.source.max() < rows


def test_the_seed_decides_everything() -> None:
    first, again, other = (inject_faults(clean_rows(100), seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.x, again.x)
    assert not np.array_equal(first.x, other.x)
