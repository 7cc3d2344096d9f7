"""The Server Machine Dataset (Su et al. 2019): AUROC, average precision and VUS-PR, machine by machine, without adjustment.

Trained in two ways: on the machine's own training series, and on the first part of the test series, as TSB-AD does
(Liu and Paparrizos 2024): up to a hundred rows before the first anomaly, and at most a quarter of the series.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks.results import console, show
from benchmarks.timeseries.detector import ranking_judge
from benchmarks.timeseries.peers import VALIDATION
from benchmarks.timeseries.vus import own_period, vus_pr
from model.errors import InputError
from training.baselines.knn import fit_knn
from training.baselines.pca import fit_pca
from training.certify import torch_reference
from training.config import TrainingConfig

Array = NDArray[np.float64]

OURS = "Plumbline"
BEFORE_FIRST = 100
WAYS = ("training series", "start of the test series")


@dataclass(frozen=True)
class Machine:
    """One machine's series [N, F], [M, F], and which steps of the second are anomalous [M]."""

    name: str
    train: Array
    test: Array
    anomalous: NDArray[np.bool_]

    @classmethod
    def read(cls, file: Path) -> "Machine":
        with np.load(file, allow_pickle=False) as arrays:
            train, test = (arrays[part].astype(np.float64) for part in ("train", "test"))
            return cls(file.stem, train, test, arrays["label"].astype(bool))

    def clean(self, way: str) -> Array:
        if way == WAYS[0]:
            return self.train
        first = int(np.argmax(self.anomalous))
        return self.test[: min(first - BEFORE_FIRST, len(self.test) // 4)]


@dataclass(frozen=True)
class Ranking:
    """How well one method ranks the steps of one machine's test series."""

    machine: str
    trained_on: str
    method: str
    vus_pr: float
    auroc: float
    average_precision: float


def rank_smd(data: Path, config: TrainingConfig) -> list[Ranking]:
    """Rank every machine in ``smd/`` by ours, PCA and kNN, trained in both ways."""
    files = sorted((data / "smd").glob("*.npz"))
    if not files:
        raise InputError(f"{data / 'smd'}: expected machines as .npz files, found none")
    rankings = []
    for machine in map(Machine.read, files):
        window = own_period(machine.test[:, 0])
        for way in WAYS:
            console.print(f"SMD {machine.name}, trained on the {way}", style="dim")
            clean = machine.clean(way)
            held_out = round(VALIDATION * len(clean))
            parts = clean[:-held_out], clean[-held_out:]
            scored = {
                OURS: ranking_judge(clean, config).scores(clean[:0], machine.test),
                "PCA": torch_reference(fit_pca(*parts), machine.test).score,
                "kNN": torch_reference(fit_knn(*parts, config.seed), machine.test).score,
            }
            rankings += [_rank(machine, way, method, scores, window) for method, scores in scored.items()]
    return rankings


def _rank(machine: Machine, way: str, method: str, scores: Array, window: int) -> Ranking:
    anomalous = machine.anomalous
    return Ranking(
        machine.name,
        way,
        method,
        vus_pr(scores, anomalous, window),
        float(roc_auc_score(anomalous, scores)),
        float(average_precision_score(anomalous, scores)),
    )


def show_smd(rankings: Sequence[Ranking]) -> None:
    """Print a table for each way of training, machine by machine, and the means."""
    machines = list(dict.fromkeys(one.machine for one in rankings))
    methods = list(dict.fromkeys(one.method for one in rankings))
    by = {(one.machine, one.trained_on, one.method): one for one in rankings}
    headings = ("machine", *(f"{method} {what}" for method in methods for what in ("VUS-PR", "AUROC", "AP")))
    for way in WAYS:
        figures = np.array([[_figures(by[machine, way, method]) for method in methods] for machine in machines])
        rows = [(name, *_words(one)) for name, one in zip(machines, figures, strict=True)]
        show(f"SMD, trained on the {way}", headings, [*rows, ("mean", *_words(figures.mean(axis=0)))])


def _figures(one: Ranking) -> tuple[float, float, float]:
    return one.vus_pr, one.auroc, one.average_precision


def _words(figures: Array) -> list[str]:
    return [f"{figure:.3f}" for figure in figures.ravel()]
