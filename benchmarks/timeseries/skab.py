"""The Skoltech Anomaly Benchmark by its board's protocol: a fresh model for each file, outcomes pooled over files.

Of each file the first 400 rows train, all others are judged (Katser and Kozitsin 2020). Every folder of labelled files
is pooled that is there: the board has valve1, valve2 and other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.real_data.skab import SENSORS, SOUND_ROWS, Recording
from benchmarks.results import console, show
from benchmarks.timeseries.detector import LENGTH, calibrated_judge, every_window
from benchmarks.timeseries.peers import PEERS, calibrated_peer
from model.errors import InputError
from training.config import TrainingConfig
from training.raw_data import Columns, read_table

OURS = "Plumbline"
BOARD = (
    ("Conv-AE", "0.78", "13.6 %", "28.0 %"),
    ("MSET", "0.78", "39.7 %", "14.1 %"),
    ("T2 + Q (PCA)", "0.76", "26.6 %", "24.9 %"),
    ("LSTM-AE", "0.74", "30.0 %", "25.9 %"),
    ("LSTM-VAE", "0.56", "9.1 %", "55.0 %"),
    ("isolation forest", "0.29", "2.6 %", "82.9 %"),
)


@dataclass(frozen=True)
class Verdicts:
    """One file judged by one method: scores [n] of the rows to judge, the threshold, and which rows are anomalous [n]."""

    scores: NDArray[np.float64]
    threshold: float
    anomalous: NDArray[np.bool_]

    @property
    def alarms(self) -> NDArray[np.bool_]:
        return self.scores > self.threshold


@dataclass(frozen=True)
class Pooled:
    """Outcomes of one method over files; ``far`` and ``mar`` are the board's false-alarm and missing-alarm rates."""

    method: str
    f1: float
    far: float
    mar: float

    @classmethod
    def of(cls, method: str, files: Iterable[Verdicts]) -> "Pooled":
        alarms, anomalous = (
            np.concatenate(parts) for parts in zip(*((file.alarms, file.anomalous) for file in files), strict=True)
        )
        hits, false, missed = (
            int(which.sum()) for which in (alarms & anomalous, alarms & ~anomalous, ~alarms & anomalous)
        )
        return cls(
            method, 2 * hits / (2 * hits + false + missed), false / int((~anomalous).sum()), missed / (missed + hits)
        )


def read_skab(data: Path) -> dict[str, Recording]:
    """Read every labelled file in the folders below ``skab/``, named as ``valve1/0``."""
    files = sorted(file for file in (data / "skab").glob("*/*.csv") if file.parent.name != "anomaly-free")
    if not files:
        raise InputError(f"{data / 'skab'}: expected folders of labelled files, such as valve1/, found none")
    recordings = {}
    for file in files:
        table = read_table([str(file)], Columns(features=SENSORS, label="anomaly"))
        if table.label is None:
            raise InputError(f"{file}: expected a column 'anomaly', found none")
        recordings[f"{file.parent.name}/{file.stem}"] = Recording(table.values, table.label)
    return recordings


def judge_skab(recordings: dict[str, Recording], config: TrainingConfig) -> dict[str, list[Verdicts]]:
    """Judge each file by ours and by every peer."""
    judged: dict[str, list[Verdicts]] = {method: [] for method in (OURS, *PEERS)}
    for name, recording in recordings.items():
        console.print(f"SKAB {name}", style="dim")
        judged[OURS].append(_ours(recording, config))
        for method, fit in PEERS.items():
            score, threshold = calibrated_peer(fit, recording.rows[:SOUND_ROWS], config)
            judged[method].append(Verdicts(score(_to_judge(recording)), threshold, recording.anomalous[SOUND_ROWS:]))
    return judged


def show_skab(judged: dict[str, list[Verdicts]]) -> list[Pooled]:
    """Print the pooled outcomes beside the board's, and return them."""
    pooled = [Pooled.of(method, files) for method, files in judged.items()]
    ours = [(one.method, f"{one.f1:.3f}", f"{one.far:.1%}", f"{one.mar:.1%}") for one in pooled]
    published = [(f"{method}, published", *figures) for method, *figures in BOARD]
    show(
        f"SKAB, {len(judged[OURS])} files pooled (published: the board's 34)",
        ("method", "F1", "false alarms", "missed"),
        [*ours, *published],
    )
    return pooled


def _ours(recording: Recording, config: TrainingConfig) -> Verdicts:
    clean, rows = recording.rows[:SOUND_ROWS], recording.rows[SOUND_ROWS:]
    judge = calibrated_judge(clean, config)
    return Verdicts(judge.scores(clean, rows), judge.threshold or np.inf, recording.anomalous[SOUND_ROWS:])


def _to_judge(recording: Recording) -> NDArray[np.float64]:
    """Return the windows [n, T, F] that end with the rows to judge."""
    return every_window(recording.rows[SOUND_ROWS - LENGTH + 1 :])[:]
