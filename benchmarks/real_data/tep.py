"""The Tennessee Eastman process (Downs and Vogel 1993; the recordings of Chiang, Russell and Braatz 2000).

52 variables every three minutes. ``d00.dat`` holds 500 normal rows, transposed, and ``d00_te.dat`` 960; in ``dNN_te.dat``
fault NN begins after row 160.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.real_data.detector import Detector, train, write_table
from benchmarks.real_data.outcome import Outcome
from examples.demo.client import Client
from model.errors import InputError

NAME = "tep"
FAULTS = (1, 2, 4, 5, 6, 7, 8, 10)  # 3, 9 and 15 are customarily told apart: they can hardly be seen at all
NORMAL_ROWS = 160
VARIABLES = (*(f"xmeas_{number}" for number in range(1, 42)), *(f"xmv_{number}" for number in range(1, 12)))


def needed() -> list[str]:
    return ["tep/d00.dat", "tep/d00_te.dat", *(f"tep/d{fault:02}_te.dat" for fault in FAULTS)]


def train_tep(data: Path, folder: Path, models: Path) -> None:
    """Train on d00, whose 500 rows of a slow process are too few to certify the rate."""
    clean = write_table(folder / "tep.csv", VARIABLES, recording(data / "tep/d00.dat").T)
    train(clean, models / NAME)


def judge_tep(data: Path, client: Client) -> list[Outcome]:
    detector = Detector.served(client, NAME)

    def outcome(title: str, file: str, first_fault: int) -> Outcome:
        rows = recording(data / "tep" / file)
        anomalous = np.arange(len(rows)) >= first_fault
        return Outcome(title, detector.target_fpr, detector.evaluate(VARIABLES, rows, anomalous))

    faults = [outcome(f"TEP fault {fault}", f"d{fault:02}_te.dat", NORMAL_ROWS) for fault in FAULTS]
    return [outcome("TEP, all normal", "d00_te.dat", 960), *faults]


def recording(file: Path) -> NDArray[np.float64]:
    """Read a recording as the file holds it."""
    rows = np.loadtxt(file)
    if len(VARIABLES) not in rows.shape:
        raise InputError(f"{file}: expected {len(VARIABLES)} variables, found a table of {rows.shape}")
    return rows
