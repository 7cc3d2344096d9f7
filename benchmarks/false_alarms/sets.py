"""Clean rows to train on and other clean rows to count false alarms on, of every set that has enough of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.real_data import skab, tep
from benchmarks.results import console
from training.calibrate import tolerance_minimum
from training.config import SplitMethod

MOST_ROWS = 50_000
NEEDED = 2 * tolerance_minimum(0.01, 0.95)  # half of the clean rows must certify the rate, out of fold at the least


@dataclass(frozen=True)
class CleanSet:
    """``train`` [N, F] in time order, of ``groups`` [N] or None; ``tests`` maps a title to rows [M, F]."""

    name: str
    train: NDArray[np.float64]
    groups: NDArray[np.intp] | None
    tests: dict[str, NDArray[np.float64]]

    @property
    def split(self) -> SplitMethod:
        return "time" if self.groups is None else "group"


def clean_sets(data: Path) -> Iterator[CleanSet]:
    """Give the sets of ``data``; those with too few clean rows are named, with how many it would take."""
    for file in sorted((data / "tabular").glob("*.npz"), key=lambda path: path.stat().st_size):
        name = file.stem.partition("_")[2]
        with np.load(file, allow_pickle=False) as arrays:
            clean = arrays["X"][~arrays["y"].astype(bool)].astype(np.float64)
        if len(clean) < NEEDED:
            console.print(f"{name}: {len(clean)} clean rows, it would take {NEEDED}", style="dim")
            continue
        clean = clean[:: -(-len(clean) // MOST_ROWS)]
        half = round(0.5 * len(clean))
        yield CleanSet(name, clean[:half], None, {name: clean[half:]})
    before = [tep.recording(data / f"tep/d{fault:02}_te.dat")[: tep.NORMAL_ROWS] for fault in range(1, 11)]
    tests = {"TEP, d00_te": tep.recording(data / "tep/d00_te.dat"), "TEP, before each fault": np.vstack(before)}
    yield CleanSet("TEP", tep.recording(data / "tep/d00.dat").T, None, tests)
    recordings = skab.read_recordings(data)
    later = [recording.rows[skab.SOUND_ROWS :][~recording.anomalous[skab.SOUND_ROWS :]] for recording in recordings]
    starts = np.vstack([recording.rows[: skab.SOUND_ROWS] for recording in recordings])
    yield CleanSet(
        "SKAB",
        starts,
        np.repeat(np.arange(len(recordings)), skab.SOUND_ROWS),
        {"SKAB, after each start": np.vstack(later)},
    )
