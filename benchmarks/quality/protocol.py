"""The one-class protocol of Livernoche et al. (On Diffusion Modeling for Anomaly Detection, ICLR 2024), to the letter.

1. A set of fewer than 1,000 rows is filled up to 1,000 by drawing rows with replacement; of one with more than 50,000
   rows, 50,000 are drawn without. The drawn order is the order of what follows.
2. The first half of the normal rows is trained on; the other half and all anomalous rows are tested.
3. Rows are standardised by the training rows.

Step 1 puts copies of the same row of a small set on both sides, and a detector that memorises is rewarded for it.
The ``honest`` variant leaves small sets as they are and differs in nothing else.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from benchmarks.quality.sets import SMALL, LabelledSet
from model.errors import InputError

Variant = Literal["published", "honest"]
LARGE = 50_000
SEEDS = (0, 1, 2, 3, 4)


@dataclass(frozen=True)
class OneClassSplit:
    """Normal rows ``train`` [N, F], rows ``test`` [M, F] and which of those are ``anomalous`` [M], in units of the file."""

    train: NDArray[np.float64]
    test: NDArray[np.float64]
    anomalous: NDArray[np.bool_]

    def standardised(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return ``train`` and ``test`` in standard deviations of the training rows; constant columns are centred only."""
        scaler = StandardScaler().fit(self.train)
        return scaler.transform(self.train), scaler.transform(self.test)


def one_class_split(labelled: LabelledSet, seed: int, variant: Variant) -> OneClassSplit:
    """Choose the rows that ``seed`` trains and tests on.

    Raises:
        InputError: drawing left no normal row to train on or to test, or no anomalous one.
    """
    rows = drawn_rows(len(labelled.x), seed, variant)
    x, anomalous = labelled.x[rows], labelled.anomalous[rows]
    normal, abnormal = np.flatnonzero(~anomalous), np.flatnonzero(anomalous)
    half = round(0.5 * normal.size)  # to even, as the published code rounds
    if half < 2 or half == normal.size or not abnormal.size:
        raise InputError(
            f"{labelled.name}: expected normal rows for both halves and anomalous ones, found {normal.size} normal and "
            f"{abnormal.size} anomalous rows under seed {seed}"
        )
    test = np.concatenate([normal[half:], abnormal])
    return OneClassSplit(x[normal[:half]], x[test], anomalous[test])


def drawn_rows(count: int, seed: int, variant: Variant) -> NDArray[np.intp]:
    """Return the indices of the rows that are used, in the order that counts as theirs."""
    generator = np.random.RandomState(seed)  # the legacy stream: published figures hang on its draws
    if count < SMALL and variant == "published":
        return np.asarray(generator.choice(count, SMALL, replace=True), dtype=np.intp)
    if count > LARGE:
        return np.asarray(generator.choice(count, LARGE, replace=False), dtype=np.intp)
    return np.arange(count)
