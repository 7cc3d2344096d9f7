"""The Skoltech Anomaly Benchmark: a water circulation rig, eight sensors once a second (Katser and Kozitsin 2020).

One recording without anomalies; and, from a month later, recordings in which a valve is closed for a while. Two
detectors: of the first, and of the sound start of the later ones, each recording a group.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import MeasurementError
from benchmarks.real_data.detector import Detector, train, write_table
from benchmarks.real_data.outcome import Outcome
from examples.demo.client import Client
from training.raw_data import Columns, read_table

EARLIER, STARTS = "skab-earlier", "skab-starts"
CLEAN, VALVE = "skab/anomaly-free/anomaly-free.csv", "skab/valve1"
SENSORS = (
    "Accelerometer1RMS", "Accelerometer2RMS", "Current", "Pressure", "Temperature", "Thermocouple", "Voltage",
    "Volume Flow RateRMS",
)  # fmt: skip
SOUND_ROWS = 400  # those that the benchmark's own protocol trains on, and does not test on


@dataclass(frozen=True)
class Recording:
    """One file: rows [N, 8] and which of them are anomalous [N]."""

    rows: NDArray[np.float64]
    anomalous: NDArray[np.bool_]


def needed() -> list[str]:
    return [CLEAN, VALVE]


def train_skab(data: Path, folder: Path, models: Path) -> None:
    """Train both detectors, on rows that repeat their neighbours."""
    train(data / CLEAN, models / EARLIER, "--time", "datetime")
    starts = [
        np.insert(recording.rows[:SOUND_ROWS], 0, number, axis=1)
        for number, recording in enumerate(read_recordings(data))
    ]
    clean = write_table(folder / "skab-starts.csv", ("recording", *SENSORS), np.vstack(starts))
    train(clean, models / STARTS, "--group", "recording", "--split", "group")


def judge_skab(data: Path, client: Client) -> list[Outcome]:
    """Judge what neither detector was trained on: the recordings with a valve, after their sound start."""
    recordings = read_recordings(data)
    rows = np.vstack([recording.rows[SOUND_ROWS:] for recording in recordings])
    anomalous = np.concatenate([recording.anomalous[SOUND_ROWS:] for recording in recordings])
    outcomes = []
    for title, name in (("SKAB, trained a month earlier", EARLIER), ("SKAB, trained on each start", STARTS)):
        detector = Detector.served(client, name)
        outcomes.append(Outcome(title, detector.target_fpr, detector.evaluate(SENSORS, rows, anomalous)))
    return outcomes


def read_recordings(data: Path) -> list[Recording]:
    """Read the recordings with a valve, in the order of their files."""
    recordings = []
    for file in sorted((data / VALVE).glob("*.csv")):
        table = read_table([str(file)], Columns(features=SENSORS, label="anomaly"))
        if table.label is None or table.label[:SOUND_ROWS].any():
            raise MeasurementError(f"{file}: expected labels, none of them anomalous in the first {SOUND_ROWS} rows")
        recordings.append(Recording(table.values, table.label))
    return recordings
