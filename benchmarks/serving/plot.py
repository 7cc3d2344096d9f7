"""Requests per second and what one costs, server by server: a row for each kind of request."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.serving.contenders import PLUMBLINE
from benchmarks.serving.figures import Figures
from benchmarks.serving.kinds import CONNECTIONS, KINDS, Kind
from benchmarks.serving.outcome import Outcome

OWN, OTHER, INK = "#c8553d", "#9aa5ab", "#3b3f44"
MOST = max(CONNECTIONS)


def plot_outcomes(outcomes: Sequence[Outcome], path: Path) -> None:
    """Draw, for each kind of request over the most connections, every server's rate and CPU time per request."""
    kinds = [kind for kind in KINDS if any(one.at(kind, MOST) for one in outcomes)]
    lines = [_sorted(outcomes, kind) for kind in kinds]
    with mpl.rc_context({"font.size": 9}):
        figure = Figure(figsize=(10, 0.9 + sum(0.5 + 0.3 * len(line) for line in lines)), layout="constrained")
        panels = figure.subplots(len(kinds), 2, squeeze=False, height_ratios=[len(line) for line in lines])
        for (rate, cpu), kind, line in zip(panels, kinds, lines, strict=True):
            names, found = [name for name, _ in line], [figures for _, figures in line]
            _bars(rate, names, [one.rate for one in found])
            _bars(cpu, names, [one.cpu_us for one in found])
            rate.set_title(f"{kind.name} over {MOST} connections: requests per second", loc="left", fontsize=9)
            cpu.set_title("CPU time per request, µs", loc="left", fontsize=9)
            cpu.set_yticks([])
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=150)


def _sorted(outcomes: Sequence[Outcome], kind: Kind) -> list[tuple[str, Figures]]:
    found = [(one.name, at.figures) for one in outcomes if (at := one.at(kind, MOST))]
    return sorted(found, key=lambda one: one[1].rate)


def _bars(axes: Axes, names: Sequence[str], values: Sequence[float]) -> None:
    colours = [OWN if name.startswith(PLUMBLINE) else OTHER for name in names]
    bars = axes.barh(names, values, color=colours, height=0.7)
    axes.bar_label(bars, [f"{value:,.0f}" for value in values], padding=3, color=INK)
    axes.set_xlim(0, 1.15 * max(values))
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    axes.spines[["left", "top", "right", "bottom"]].set_visible(False)
