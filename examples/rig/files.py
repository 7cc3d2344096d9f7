"""The rig's recordings as the files a user would have: two CSV files and the training configuration that fits them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from examples.rig.recording import WEEK, Recording, clean_recording, labelled_recording
from examples.rig.sensors import SENSORS

FIRST_DAY = np.datetime64("2026-03-02T00:00:00", "s")
TIME, LABEL, FAULT = "time", "anomaly", "fault"


def write_files(folder: Path, seed: int, weeks: int) -> tuple[Path, Path, Path]:
    """Simulate and write ``clean.csv``, ``test.csv`` and ``train.toml`` into ``folder``; returns their paths.

    Raises:
        OSError: the folder cannot be written.
    """
    clean, test = clean_recording(weeks, seed), labelled_recording(weeks * WEEK, seed)
    folder.mkdir(parents=True, exist_ok=True)
    paths = (folder / "clean.csv", folder / "test.csv", folder / "train.toml")
    csv.write_csv(_readings(clean), paths[0])
    labelled = _readings(test).append_column(LABEL, pa.array(test.anomalous.astype(np.int8)))
    csv.write_csv(labelled.append_column(FAULT, pa.array(test.fault.tolist())), paths[1])
    paths[2].write_text(training_config(), "utf-8")
    return paths


def training_config() -> str:
    """Say what a training run has to know of the sensors, as TOML."""
    lines = [
        "# The pump rig: what orders the rows, and what each sensor can physically read.",
        "[data]",
        f'time = "{TIME}"',
        "",
        "# Fourteen sensors need no wide network, and 20,000 rows bear a brisk learning rate.",
        "[vae]",
        "hidden = [128, 128]",
        "",
        "[fit]",
        "learning_rate = 3e-3",
    ]
    for sensor in SENSORS:
        lines += [
            "",
            f"[features.{sensor.name}]",
            f'unit = "{sensor.unit}"',
            f"low = {sensor.low:g}",
            f"high = {sensor.high:g}",
        ]
    return "\n".join(lines) + "\n"


def _readings(recording: Recording) -> pa.Table:
    time = FIRST_DAY + recording.time.astype("timedelta64[s]")
    columns = {sensor.name: recording.values[:, index] for index, sensor in enumerate(SENSORS)}
    return pa.table({TIME: np.datetime_as_string(time).tolist(), **columns})
