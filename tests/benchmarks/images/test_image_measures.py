import numpy as np
import pytest

from benchmarks.images.measures import auroc, per_region_overlap


def test_heat_equal_to_the_masks_finds_all_of_every_region() -> None:
    masks = np.zeros((2, 20, 20), bool)
    masks[0, 3:6, 3:6] = masks[1, 10:18, 10:18] = True
    noise = np.random.default_rng(0).random(masks.shape).astype(np.float32)
    assert per_region_overlap(masks + noise, masks) == pytest.approx(100, abs=0.5)
    assert auroc(masks + noise, masks) == pytest.approx(100)


def test_a_region_that_is_missed_counts_as_much_as_a_larger_one_that_is_found() -> None:
    masks = np.zeros((1, 40, 40), bool)
    masks[0, 2:4, 2:4] = masks[0, 20:35, 20:35] = True
    heat = np.random.default_rng(0).random(masks.shape).astype(np.float32)
    heat[0, 20:35, 20:35] += 1
    heat[0, 2:4, 2:4] -= 1
    assert per_region_overlap(heat, masks) == pytest.approx(50, abs=1)


def test_heat_without_relation_to_the_masks_overlaps_as_much_as_it_errs() -> None:
    rng = np.random.default_rng(0)
    masks = rng.random((4, 60, 60)) < 0.2
    heat = rng.random(masks.shape).astype(np.float32)
    assert per_region_overlap(heat, masks) == pytest.approx(15, abs=3)
