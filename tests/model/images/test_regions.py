"""Regions are what scipy finds with diagonal neighbours, without scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy import ndimage

from model.images.regions import Region, regions


@given(
    hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.integers(0, 4)),
    st.integers(0, 4),
)
def test_every_region_is_one_that_scipy_labels(heat: NDArray[np.float64], threshold: int) -> None:
    label, count = ndimage.label(heat > threshold, np.ones((3, 3)))
    expected = {
        Region(
            x=columns.start,
            y=rows.start,
            width=columns.stop - columns.start,
            height=rows.stop - rows.start,
            area=int((label == number).sum()),
            peak=float(heat[label == number].max()),
        )
        for number, (rows, columns) in enumerate(ndimage.find_objects(label), 1)
    }
    found = regions(heat, threshold)
    assert len(found) == count
    assert set(found) == expected
    assert [region.peak for region in found] == sorted((region.peak for region in found), reverse=True)


@pytest.mark.parametrize("seed", range(3))
def test_large_tangled_maps_are_labelled_alike(seed: int) -> None:
    heat = np.random.default_rng(seed).random((200, 301))
    threshold = (0.59, 0.7, 0.4)[seed]  # about where regions begin to span the whole, above, and below it
    label, count = ndimage.label(heat > threshold, np.ones((3, 3)))
    found = regions(heat, threshold)
    assert len(found) == count
    assert sorted(region.area for region in found) == sorted(np.bincount(label.ravel())[1:].tolist())


def test_a_spiral_is_one_region() -> None:
    heat = np.zeros((41, 41))
    for ring in range(0, 20, 4):
        heat[ring, ring : 41 - ring] = heat[ring : 41 - ring, 40 - ring] = heat[40 - ring, ring : 41 - ring] = 1
        heat[ring + 2 : 41 - ring, ring] = 1
        heat[ring + 2, ring : ring + 4] = 1
    assert len(regions(heat, 0.5)) == ndimage.label(heat, np.ones((3, 3)))[1]


def test_a_pixel_at_the_line_does_not_stand_out() -> None:
    assert regions(np.full((3, 4), 2.0), 2.0) == []
    assert regions(np.full((3, 4), 2.0), 1.9) == [Region(0, 0, 4, 3, 12, 2.0)]
