from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality.baselines import baseline_scores
from benchmarks.quality.measures import measure
from benchmarks.quality.protocol import OneClassSplit, drawn_rows, one_class_split
from benchmarks.quality.published import read_published
from benchmarks.quality.sets import LabelledSet, read_set
from model.errors import InputError
from tests.architecture.sources import ROOT

DATA = ROOT.parent / "shared" / "data"


def labelled(rows: int, anomalies: int, features: int = 3) -> LabelledSet:
    rng = np.random.default_rng(7)
    anomalous = np.zeros(rows, dtype=bool)
    anomalous[rng.choice(rows, anomalies, replace=False)] = True
    return LabelledSet("7_drawn", rng.normal(size=(rows, features)), anomalous, "0" * 64)


@pytest.mark.parametrize("rows", [129, 999, 1000, 1501, 50_003])
@pytest.mark.parametrize("seed", [0, 3])
def test_rows_are_chosen_as_the_published_code_chooses_them(rows: int, seed: int) -> None:
    one = labelled(rows, rows // 10)
    split = one_class_split(one, seed, "published")

    indices = list(range(rows))
    np.random.seed(seed)  # noqa: NPY002  word for word, with the global stream
    if rows < 1000:
        indices = [int(i) for i in np.random.choice(rows, 1000, replace=True)]  # noqa: NPY002
    elif rows > 50_000:
        indices = [int(i) for i in np.random.choice(rows, 50_000, replace=False)]  # noqa: NPY002
    normal = [i for i in indices if not one.anomalous[i]]
    abnormal = [i for i in indices if one.anomalous[i]]
    half = round(0.5 * len(normal))
    np.testing.assert_array_equal(split.train, one.x[normal[:half]])
    np.testing.assert_array_equal(split.test, one.x[normal[half:] + abnormal])
    np.testing.assert_array_equal(split.anomalous, [False] * (len(normal) - half) + [True] * len(abnormal))


def test_the_honest_variant_draws_no_row_twice_and_differs_in_small_sets_alone() -> None:
    small = labelled(129, 10)
    split = one_class_split(small, 0, "honest")
    assert len(split.train) + len(split.test) == 129
    assert len(np.unique(np.vstack([split.train, split.test]), axis=0)) == 129
    for rows in (1000, 50_001):
        np.testing.assert_array_equal(drawn_rows(rows, 4, "honest"), drawn_rows(rows, 4, "published"))


def test_a_set_of_300_000_rows_is_cut_to_50_000_different_ones() -> None:
    rows = drawn_rows(300_000, 1, "published")
    assert rows.size == np.unique(rows).size == 50_000
    assert rows.max() > 290_000


def test_rows_are_standardised_by_the_training_rows_and_a_constant_column_stays_finite() -> None:
    rng = np.random.default_rng(0)
    train, test = rng.normal(5, 3, size=(40, 3)), rng.normal(size=(10, 3))
    train[:, 1] = 4.0
    scaled, others = OneClassSplit(train, test, np.zeros(10, dtype=bool)).standardised()
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=0), [1, 0, 1])
    np.testing.assert_allclose(others[:, 0], (test[:, 0] - train[:, 0].mean()) / train[:, 0].std())
    np.testing.assert_allclose(others[:, 1], test[:, 1] - 4)


def test_a_set_of_which_no_half_is_left_is_refused() -> None:
    with pytest.raises(InputError, match="7_drawn: expected normal rows for both halves .* found 2 normal and 3"):
        one_class_split(labelled(5, 3), 0, "honest")


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no development sets in {DATA}")
@pytest.mark.parametrize("name", ["38_thyroid", "44_Wilt"])
def test_the_nearest_neighbour_distance_gets_its_published_figure_to_two_decimals(name: str) -> None:
    file: Path = DATA / "tabular" / f"{name}.npz"
    split = one_class_split(read_set(file), 0, "published")  # neither small nor large: the same under every seed
    auroc = 100 * measure(baseline_scores("kNN-5", split, 0), split.anomalous).auroc
    assert auroc == pytest.approx(read_published(DATA).of(name, "KNN"), abs=0.005)
