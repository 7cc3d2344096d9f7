"""Labelled rows, each with what is known of it. N: rows, F: features."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from examples.demo.client import Judgement
from examples.rig.files import FAULT, TIME
from examples.rig.recording import SOUND
from training.raw_data import Columns, read_table

SUSTAINED = 3  # alarms in a row that an operator would act upon


@dataclass(frozen=True)
class Episode:
    """Consecutive rows with one fault: its ``name`` and their indices; ``minutes`` since it began, if there is a time."""

    name: str
    rows: NDArray[np.intp]
    minutes: NDArray[np.float64] | None


@dataclass(frozen=True)
class Labelled:
    """Test rows [N, F], which of them are anomalous [N], and how many could not be read."""

    values: NDArray[np.float64]
    anomalous: NDArray[np.bool_]
    episodes: tuple[Episode, ...]
    unreadable: int


def read_labelled(file: Path, names: tuple[str, ...], label: str, *, of_rig: bool) -> Labelled:
    """Read a test file; the rig's own says which fault each row has, any other only that there is one.

    Raises:
        InputError: the file cannot be used.
    """
    columns = Columns(features=names, label=label, time=TIME if of_rig else None, group=FAULT if of_rig else None)
    raw = read_table([str(file)], columns)
    anomalous = np.zeros(len(raw.values), dtype=bool) if raw.label is None else raw.label
    kind = raw.group if raw.group is not None else np.where(anomalous, "labelled anomalous", SOUND)
    episodes = []
    for name in dict.fromkeys(kind.tolist()):
        if name == SOUND:
            continue
        rows = np.flatnonzero(kind == name)
        minutes = None if raw.time is None else (raw.time[rows] - raw.time[rows[0]]) / 60
        episodes.append(Episode(name, rows, minutes))
    return Labelled(raw.values, anomalous, tuple(episodes), raw.rejections.count)


def first_sustained(judgements: list[Judgement]) -> int | None:
    """Find where the first ``SUSTAINED`` alarms in a row begin."""
    run = 0
    for index, judgement in enumerate(judgements):
        run = run + 1 if judgement.is_alarm else 0
        if run == SUSTAINED:
            return index + 1 - SUSTAINED
    return None
