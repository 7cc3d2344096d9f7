"""AUROC set by set: ours, the nearest-neighbour distance, the published VAE, and the best that anyone published."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.quality.jobs import OURS
from benchmarks.quality.published import Published
from benchmarks.quality.summary import Summary

OWN, OTHER, FAINT = "#c8553d", "#2b7a78", "#8a8f94"


@dataclass(frozen=True)
class Series:
    """One method: its figure on each set, None where it has none."""

    label: str
    marker: str
    colour: str
    figures: Sequence[float | None]
    filled: bool = True


def plot_auroc(summary: Summary, names: Sequence[str], published: Published, path: Path) -> None:
    """Draw a line for each set, the hardest at the bottom; a bar spans our seeds."""
    ours = {name: summary.over_seeds(name, "published", OURS, "auroc") for name in names}
    order = sorted((name for name in names if ours[name]), key=lambda name: sum(ours[name]) / len(ours[name]))
    if not order:
        return
    best = [published.best(name) for name in order]
    series = (
        Series("published VAE", "o", FAINT, [published.of(name, "VAE") for name in order], filled=False),
        Series("kNN-5", "D", OTHER, [summary.mean(name, "published", "kNN-5", "auroc") for name in order]),
        Series("best published for each set", "|", "#1d1d1f", [figure and figure[0] for figure in best]),
        Series(OURS, "o", OWN, [sum(ours[name]) / len(ours[name]) for name in order]),
    )
    with mpl.rc_context({"svg.hashsalt": "quality", "font.size": 10}):  # the same figures, the same bytes
        figure = Figure(figsize=(8.5, 1.5 + 0.32 * len(order)), layout="constrained")
        axes = figure.subplots()
        axes.hlines(range(len(order)), 0, 100, color="#e4e4e6", linewidth=0.8, zorder=0)
        lows, highs = [min(ours[name]) for name in order], [max(ours[name]) for name in order]
        axes.hlines(range(len(order)), lows, highs, color=OWN, linewidth=3, alpha=0.35)
        for one in series:
            at = [(figure, place) for place, figure in enumerate(one.figures) if figure is not None]
            if at:
                x, y = zip(*at, strict=True)
                face = one.colour if one.filled else "white"
                size = 12 if one.marker == "|" else 6.5
                axes.plot(
                    x, y, one.marker, color=one.colour, markerfacecolor=face, markersize=size, mew=1.6, label=one.label
                )
        shown = [figure for one in series for figure in one.figures if figure is not None] + lows
        axes.set_xlim(max(min(shown) - 3, 0), 100.8)
        axes.set_ylim(-0.7, len(order) - 0.3)
        axes.set_yticks(range(len(order)), [name.partition("_")[2] or name for name in order])
        axes.set_xlabel("AUROC, % (mean of seeds; the bar spans ours)")
        axes.tick_params(axis="y", length=0)
        axes.spines[["left", "top", "right"]].set_visible(False)
        figure.legend(loc="outside upper left", ncols=len(series), frameon=False, handletextpad=0.3, columnspacing=1.4)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)
