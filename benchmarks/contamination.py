"""Are anomalies among the clean rows found, and does leaving them out pay? Anomalous rows planted into one-class sets.

``python -m benchmarks.contamination --data FOLDER [--sets 6_cardio,32_shuttle] [--steps 3000]``

The rows trained on are the first half of the normal ones (``benchmarks.quality.protocol``) with 1, 5 and 10 % of
anomalous rows among them, in drawn places; planted rows leave the test. *Listed* are the suspects of ``plumbline-train``; an
expert who goes through the list marks the planted rows on it, and the detector learns again without them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks.quality.measures import measure
from benchmarks.quality.plumbline import learnable_columns, plumbline_scores
from benchmarks.quality.protocol import OneClassSplit, one_class_split
from benchmarks.quality.sets import LabelledSet, read_set
from benchmarks.results import show
from model.boundary import command_boundary
from training.clean_data import CleanData
from training.config import TrainingConfig
from training.config_file import load_config
from training.raw_data import Rejections
from training.suspects.search import search_suspects

SETS = "2_annthyroid,6_cardio,30_satellite,32_shuttle"
SHARES = (0.01, 0.05, 0.10)
MOST_NORMAL = 6000  # of those trained on: enough for a comparison, and quick
HEADINGS = (
    "set", "planted", "listed", "of the list planted", "of the planted listed", "among the first",
    "AUROC, none planted", "with them", "listed ones left out",
)  # fmt: skip


@dataclass(frozen=True)
class Contaminated:
    """Rows ``train`` [N, F] of which some are ``planted`` [N], and rows to test on that hold none of them."""

    train: NDArray[np.float64]
    planted: NDArray[np.bool_]
    test: NDArray[np.float64]
    anomalous: NDArray[np.bool_]

    def split(self, kept: NDArray[np.bool_]) -> OneClassSplit:
        return OneClassSplit(self.train[kept], self.test, self.anomalous)


@dataclass(frozen=True)
class Outcome:
    """What became of ``planted`` rows: AUROC without them, with them, and without those that the list shows."""

    name: str
    share: float
    planted: int
    listed: int
    found: int
    found_first: int
    pure: float
    before: float
    after: float

    def cells(self) -> list[str]:
        figures = (self.found / self.listed, self.found / self.planted, self.found_first / self.planted)
        aurocs = (self.pure, self.before, self.after)
        return [
            self.name, f"{self.share:.0%} ({self.planted})", f"{self.listed}",
            *(f"{figure:.0%}" for figure in figures), *(f"{100 * auroc:.1f}" for auroc in aurocs),
        ]  # fmt: skip


def contaminate(labelled: LabelledSet, share: float, seed: int) -> Contaminated:
    """Plant so many anomalous rows that they are ``share`` of the rows trained on."""
    split, rng = one_class_split(labelled, seed, "honest"), np.random.default_rng(seed)
    normal = split.train[np.sort(rng.permutation(len(split.train))[:MOST_NORMAL])]
    anomalies = rng.permutation(np.flatnonzero(split.anomalous))
    planted = anomalies[: round(share / (1 - share) * len(normal))]
    rows = np.concatenate([normal, split.test[planted]])
    order = rng.permutation(len(rows))
    return Contaminated(
        rows[order],
        (np.arange(len(rows)) >= len(normal))[order],
        np.delete(split.test, planted, axis=0),
        np.delete(split.anomalous, planted),
    )


def suspect_rows(rows: NDArray[np.float64], config: TrainingConfig) -> NDArray[np.intp]:
    """Return the rows that training lists, the strangest first."""
    kept = learnable_columns(rows)
    clean = CleanData(
        spec=config.feature_spec(tuple(f"x{column}" for column in kept)),
        values=np.ascontiguousarray(rows[:, kept]),
        place=tuple(f"row {row + 1}" for row in range(len(rows))),
        group=None, fingerprint="", sources=(), rejections=Rejections(), missing_values={}, incomplete_rows=0,
        dropped_columns={}, reordered_rows=0, repeated_rows=0,
    )  # fmt: skip
    found = search_suspects(clean, config)
    return np.array([suspect.row for suspect in found.listed] if found else [], dtype=np.intp)


def measure_set(labelled: LabelledSet, config: TrainingConfig) -> Iterator[Outcome]:
    for share in SHARES:
        dirty = contaminate(labelled, share, config.seed)
        listed = suspect_rows(dirty.train, config)
        marked = np.zeros(len(dirty.train), dtype=np.bool_)
        marked[listed] = True
        marked &= dirty.planted
        count = int(dirty.planted.sum())
        pure, before, after = (
            measure(plumbline_scores(dirty.split(kept), config).scores, dirty.anomalous).auroc
            for kept in (~dirty.planted, np.ones_like(marked), ~marked)
        )
        first = int(dirty.planted[listed[:count]].sum())
        yield Outcome(labelled.name, share, count, listed.size, int(marked.sum()), first, pure, before, after)


def main(
    data: Annotated[Path, typer.Option(help="Folder with tabular/NN_name.npz")],
    sets: Annotated[str, typer.Option(help="Names of the sets, with commas between")] = SETS,
    steps: Annotated[int, typer.Option(help="Optimiser steps of each detector that is compared")] = 3000,
) -> None:
    with command_boundary(debug=False):
        config = load_config(None, {"split.by": "random", "fit.steps": steps})
        labelled = [read_set(data / "tabular" / f"{name}.npz") for name in sets.split(",")]
        rows = [outcome.cells() for one in labelled for outcome in measure_set(one, config)]
        show("Anomalies planted among the clean rows", HEADINGS, rows)


if __name__ == "__main__":
    typer.run(main)
