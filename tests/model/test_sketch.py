import numpy as np
import pytest

from model.sketch import Sketch

SKETCH = Sketch(
    rows=np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 0.0], [0.0, 30.0, 0.0]]),
    places=("first", "second", "third"),
    scale=np.array([1.0, 10.0, 0.1]),
)


def test_the_nearest_come_first_by_distance_in_spreads() -> None:
    found = SKETCH.nearest(np.array([0.0, 10.0, 0.0]), 3, without=[])
    assert [near.place for near in found] == ["first", "third", "second"]
    assert [near.distance for near in found] == pytest.approx([np.sqrt(1 / 3), np.sqrt(4 / 3), np.sqrt(5 / 3)])
    assert found[1].sample.tolist() == [0.0, 30.0, 0.0]


def test_features_left_out_do_not_count() -> None:
    (near,) = SKETCH.nearest(np.array([2.0, 1e6, 0.0]), 1, without=[1])
    assert (near.place, near.distance) == ("second", 0.0)


def test_where_all_features_are_left_out_all_count() -> None:
    (near,) = SKETCH.nearest(np.array([0.0, 29.0, 0.0]), 1, without=[0, 1, 2])
    assert near.place == "third"


def test_there_are_no_more_neighbours_than_rows() -> None:
    assert len(SKETCH.nearest(np.zeros(3), 10, without=[])) == 3


def test_the_largest_values_have_finite_distances() -> None:
    found = SKETCH.nearest(np.array([1.7e308, -1.7e308, 1.7e308]), 3, without=[])
    assert all(np.isfinite(near.distance) for near in found)
