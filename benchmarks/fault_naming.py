"""Is the right sensor named first? Six kinds of fault in each sensor of the simulated rig, through a bundle as it is served.

``python -m benchmarks.fault_naming [--bundle models/rig/1]``

Without a bundle one is trained by ``plumbline-train``. Faults (``training/faults.py``) are put into fresh clean weeks of
the rig. Of those that raise an alarm, the table says in which share the faulty sensor has the largest contribution.
"""

import tempfile
from pathlib import Path
from typing import Annotated, get_args

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks.machine import this_machine
from benchmarks.results import begin, show
from benchmarks.rig_bundle import WEEKS, train_rig
from examples.rig.recording import clean_recording
from model.boundary import command_boundary
from model.bundle import read_bundle
from model.detectability import FaultKind
from model.raw_scorer import RawScorer
from training.faults import inject

KINDS: tuple[FaultKind, ...] = get_args(FaultKind)
SIZES = (0.25, 0.5, 1, 2, 4, 8, 16)  # standard deviations; decorrelation ends at 1
FRESH_SEED, ROWS = 77, 1000

Counts = NDArray[np.int64]


def fault_counts(raw: RawScorer, threshold: float, clean: NDArray[np.float64], kind: FaultKind, size: float) -> Counts:
    """Count over all sensors the faulty rows, those that raise an alarm, and those of them that name the right sensor."""
    counts = np.zeros(3, dtype=np.int64)
    for sensor in range(clean.shape[1]):
        faulty = inject(clean, sensor, kind, size, np.random.default_rng(sensor))
        alarm = raw.scores(faulty) > threshold
        named = raw.explain(faulty[alarm]).contribution.argmax(axis=1)
        counts += (len(faulty), int(alarm.sum()), int((named == sensor).sum()))
    return counts


def measure_naming(bundle: Path) -> list[tuple[FaultKind, float, Counts]]:
    """Put every kind of fault of every size into fresh clean rows of the rig, one sensor at a time."""
    opened = read_bundle(bundle)
    raw, threshold = RawScorer(opened.scorer), opened.manifest.threshold.value
    values = clean_recording(WEEKS, FRESH_SEED).values
    clean = values[np.linspace(0, len(values) - 1, ROWS).astype(int)]
    sizes = [(kind, size) for kind in KINDS for size in SIZES if kind != "decorrelation" or size <= 1]
    return [(kind, size, fault_counts(raw, threshold, clean, kind, size)) for kind, size in sizes]


def main(bundle: Annotated[Path | None, typer.Option(help="A bundle of the rig, else one is trained.")] = None) -> None:
    """Print how often the right sensor is named first, by kind and size of fault and over all."""
    with command_boundary(debug=False), tempfile.TemporaryDirectory() as folder:
        begin(this_machine())
        measured = measure_naming(bundle or train_rig(Path(folder))[1])
    groups = [(kind, f"{size:g}", [counts]) for kind, size, counts in measured]
    groups += [(kind, "all", [counts for one, _, counts in measured if one == kind]) for kind in KINDS]
    rows = [(kind, size, *_shares(of)) for kind, size, of in groups]
    total = ("all", "all", *_shares([counts for _, _, counts in measured]))
    show("Single-sensor faults", ("fault", "size", "raises an alarm", "right sensor first"), [*rows, total])


def _shares(parts: list[Counts]) -> tuple[str, str]:
    faulty, alarms, named = (int(count) for count in np.sum(parts, axis=0))
    return f"{alarms / faulty:.1%}", f"{named / alarms:.1%}" if alarms else "none"


if __name__ == "__main__":
    typer.run(main)
