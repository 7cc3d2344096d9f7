"""Resident memory and open files over the time of a soak."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.soak.vitals import WARM_UP, Vital


def plot_vitals(vitals: Sequence[Vital], path: Path) -> None:
    """Draw both, one above the other; what lies in the warm-up is shaded."""
    minutes = [vital.seconds / 60 for vital in vitals]
    figure = Figure(figsize=(8.5, 4.5), layout="constrained")
    memory, files = figure.subplots(2, 1, sharex=True)
    memory.plot(minutes, [vital.resident_mib for vital in vitals], color="#c8553d", linewidth=1)
    memory.set_ylabel("resident, MiB")
    memory.set_ylim(bottom=0)
    files.plot(minutes, [vital.files for vital in vitals], color="#2b7a78", linewidth=1)
    files.set_ylabel("open files")
    files.set_ylim(bottom=0)
    files.set_xlabel("minutes")
    for axes in (memory, files):
        axes.axvspan(0, WARM_UP * minutes[-1], color="#8a8f94", alpha=0.12, linewidth=0)
        axes.set_xlim(0, minutes[-1])
        axes.grid(color="#e4e4e6", linewidth=0.6)
    figure.savefig(path, dpi=120)
