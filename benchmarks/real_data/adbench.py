"""Sets of ADBench (Han et al. 2022), one-class: train on the first half of the normal rows, test on all others.

The protocol is that of Livernoche et al. (2024), whose published figures are in ``published/``.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.real_data.detector import Detector, train, write_table
from benchmarks.real_data.outcome import Outcome
from examples.demo.client import Client
from model.errors import InputError

SETS = ("38_thyroid", "30_satellite", "23_mammography")
PUBLISHED = "published/adbench_one_class_auroc.csv"


def needed() -> list[str]:
    return [PUBLISHED, *(f"tabular/{name}.npz" for name in SETS)]


@dataclass(frozen=True)
class OneClassSet:
    """Rows to train on [N, F], and rows to test on [M, F] with what they are [M]."""

    names: tuple[str, ...]
    train: NDArray[np.float64]
    test: NDArray[np.float64]
    anomalous: NDArray[np.bool_]


def train_adbench(data: Path, folder: Path, models: Path) -> None:
    """Train on each set. Its rows have no order in time, so they are split at random."""
    for name in SETS:
        one = _read(data / f"tabular/{name}.npz")
        clean = write_table(folder / f"{name}.csv", one.names, one.train)
        train(clean, models / name, "--split", "random", "--drop-constant", "--drop-duplicates")


def judge_adbench(data: Path, client: Client) -> list[Outcome]:
    outcomes = []
    for name in SETS:
        detector, one = Detector.served(client, name), _read(data / f"tabular/{name}.npz")
        evaluation = detector.evaluate(one.names, one.test, one.anomalous)
        outcomes.append(
            Outcome(name.partition("_")[2], detector.target_fpr, evaluation, best_published(data / PUBLISHED, name))
        )
    return outcomes


def best_published(file: Path, name: str) -> str:
    """Give the highest published AUROC of a set, and the method that has it."""
    with file.open(newline="") as lines:
        for row in csv.DictReader(lines):
            if row.pop("dataset") == name:
                method = max(row, key=lambda column: float(row[column]))
                return f"{float(row[method]):.1f} {method}"
    raise InputError(f"{file}: has no line for {name}")


def _read(file: Path) -> OneClassSet:
    with np.load(file, allow_pickle=False) as arrays:
        x, y = arrays["X"].astype(np.float64), arrays["y"].astype(bool)
    normal = np.flatnonzero(~y)
    half = round(0.5 * normal.size)
    test = np.concatenate([normal[half:], np.flatnonzero(y)])
    return OneClassSet(tuple(f"x{column}" for column in range(x.shape[1])), x[normal[:half]], x[test], y[test])
