"""Verdicts on the time axis: what one file's sensors read, what was said of each step, and what was true."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmarks.timeseries.skab import Verdicts

OWN, CLEAN, FAULT = "#c8553d", "#2b7a78", "#f3d9c9"


def plot_verdicts(verdicts: Verdicts, rows: NDArray[np.float64], names: Sequence[str], path: Path) -> None:
    """Draw the readings ``rows`` [n, F] of the columns ``names``, and below them the score over its threshold."""
    steps = np.arange(len(rows))
    with mpl.rc_context({"svg.hashsalt": "timeseries", "font.size": 9}):  # the same figures, the same bytes
        figure = Figure(figsize=(9, 1.2 * len(names) + 2), layout="constrained")
        axes = figure.subplots(len(names) + 1, 1, sharex=True, height_ratios=[1] * len(names) + [1.6])
        for place, name in enumerate(names):
            axes[place].plot(steps, rows[:, place], color="#3b3f44", linewidth=0.8)
            axes[place].set_ylabel(name, rotation=0, ha="right", va="center")
        ratio = verdicts.scores / verdicts.threshold
        axes[-1].plot(steps, ratio, color=CLEAN, linewidth=0.9, label="normal")
        axes[-1].plot(steps, np.where(verdicts.alarms, ratio, np.nan), color=OWN, linewidth=1.4, label="anomaly")
        axes[-1].axhline(1, color="#3b3f44", linewidth=0.8, linestyle="--")
        axes[-1].set_yscale("log")
        axes[-1].set_ylabel("score over\nthreshold", rotation=0, ha="right", va="center")
        axes[-1].set_xlabel("seconds after the 400 clean rows")
        for one in axes:
            one.fill_between(
                steps, 0, 1, where=verdicts.anomalous, transform=one.get_xaxis_transform(), color=FAULT, linewidth=0,
                label="labelled: valve closed",
            )  # fmt: skip
            one.spines[["top", "right"]].set_visible(False)
            one.margins(x=0)
        handles, labels = axes[-1].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)
