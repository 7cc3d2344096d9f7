"""Planting is exact: so many rows, none of them tested, and found by a list that is made as training makes it."""

import numpy as np
import pytest

from benchmarks.contamination import contaminate, suspect_rows
from benchmarks.quality.sets import LabelledSet
from training.config_file import load_config


@pytest.fixture
def labelled() -> LabelledSet:
    rng = np.random.default_rng(0)
    normal = rng.normal(size=(800, 1)) @ np.ones((1, 4)) + 0.1 * rng.normal(size=(800, 4))
    anomalous = 12 * np.sign(rng.normal(size=(100, 4))) + rng.normal(size=(100, 4))
    return LabelledSet("made_up", np.concatenate([normal, anomalous]), np.arange(900) >= 800, "")


@pytest.mark.parametrize(("share", "count"), [(0.01, 4), (0.05, 21), (0.10, 44)])
def test_planted_rows_are_a_share_of_those_trained_on_and_leave_the_test(
    labelled: LabelledSet, share: float, count: int
) -> None:
    dirty = contaminate(labelled, share, seed=0)
    assert (len(dirty.train), int(dirty.planted.sum())) == (400 + count, count)
    assert (len(dirty.test), int(dirty.anomalous.sum())) == (500 - count, 100 - count)
    tested = {row.tobytes() for row in dirty.test}
    assert not any(row.tobytes() in tested for row in dirty.train)
    assert (np.abs(dirty.train[dirty.planted]).max(axis=1) > 8).all()


def test_obvious_rows_head_the_list(labelled: LabelledSet) -> None:
    dirty = contaminate(labelled, 0.05, seed=0)
    config = load_config(None, {"split.by": "random", "suspects.steps": 60, "vae.hidden": (8,)})
    assert dirty.planted[suspect_rows(dirty.train, config)[:21]].mean() > 0.9
