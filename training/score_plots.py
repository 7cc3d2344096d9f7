"""Drawings of scores: how clean and faulty samples are distributed, and how clean ones run in time.

Scores are squared distances, so their axis is logarithmic; what lies beyond the drawing is counted at its edge.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator
from numpy.typing import NDArray

from training.inline_svg import PALETTE, POINTS, inline_svg
from training.typography import count, percent, quantity

Array = NDArray[np.float64]

CURVE_POINTS = 300  # enough for the eye, few enough for the page
FURTHEST = 1e4  # times the threshold: what lies beyond would squeeze everything else


@dataclass(frozen=True)
class Lines:
    """Where verdicts change, and the rate promised for it."""

    threshold: float
    review: float | None
    target_fpr: float


@dataclass(frozen=True)
class Group:
    """Samples of one kind: ``scores`` [n], at least one, and how they are drawn."""

    name: str
    scores: Array
    colour: str
    dash: str = "-"


def groups_of(calibration: Array, clean: Array, anomalous: Array) -> tuple[Group, ...]:
    """Give each kind of sample its name and colour; ``clean`` and ``anomalous`` test scores may be empty."""
    found = (
        Group("clean, calibration", calibration, PALETTE["normal"]),
        Group("clean, test", clean, PALETTE["ink"], "--"),
        Group("faulty, test", anomalous, PALETTE["anomaly"]),
    )
    return tuple(group for group in found if group.scores.size)


def score_distribution(groups: tuple[Group, ...], lines: Lines) -> str:
    """Draw histograms over the share of each group that lies above each score."""
    medians = "; ".join(
        f"{group.name}: {count(group.scores.size, 'sample')}, median {quantity(float(np.median(group.scores)))}"
        for group in groups
    )
    alt = (
        f"Histogram of scores with the threshold at {quantity(lines.threshold)}. {medians}. "
        "Below it, the share of each group that scores above a given score."
    )
    return inline_svg("scores", alt, 4.4, partial(_draw_distribution, groups, lines))


def scores_in_order(scores: Array, lines: Lines) -> str:
    """Draw calibration ``scores`` [n] as they came, with their running median."""
    above = int((scores > lines.threshold).sum())
    alt = f"{count(scores.size)} calibration scores in time order with running median; {count(above)} above the threshold."
    return inline_svg("order", alt, 2.2, partial(_draw_order, scores, lines))


def _draw_distribution(groups: tuple[Group, ...], lines: Lines, figure: Figure) -> None:
    low, high = score_range(np.concatenate([group.scores for group in groups]), lines)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(1, 1.1))
    most = max(group.scores.size for group in groups)
    bins = np.geomspace(low, high, int(np.clip(5 * most ** (1 / 3), 12, 60)) + 1)
    for group in groups:
        scores = np.sort(np.clip(group.scores, low, high))
        share = 100 * np.histogram(scores, bins)[0] / scores.size
        upper.stairs(share, bins, fill=group.dash == "-", color=group.colour, alpha=0.2 if group.dash == "-" else 0)
        upper.stairs(share, bins, color=group.colour, linewidth=1.2, linestyle=group.dash, label=group.name)
        # The step at the i-th smallest of n leaves a share of (n - i) / n above it.
        rank = np.unique(scores.size - np.geomspace(1, scores.size, CURVE_POINTS).astype(int))
        above = np.clip(1 - (rank + 1) / scores.size, 1e-12, 1)
        x, y = np.append(low, scores[rank]), np.append(1.0, above)
        lower.plot(x, y, color=group.colour, linestyle=group.dash, drawstyle="steps-post")
    upper.set_ylabel("% of each group")
    upper.set_ylim(0, 1.15 * upper.dataLim.y1)
    upper.legend(loc="lower left", ncols=3, bbox_to_anchor=(0, 1.06), borderaxespad=0, handlelength=1.6)
    smallest = min(0.5 / most, lines.target_fpr / 3)
    lower.set(xscale="log", yscale="log", xlim=(low, high), ylim=(smallest, 1.4))
    lower.axhline(lines.target_fpr, color=PALETTE["muted"], linewidth=0.8, linestyle=(0, (1, 2)))
    lower.annotate(
        f"promised: at most {percent(lines.target_fpr)} of clean samples",
        (0, lines.target_fpr),
        (4, 3),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        color=PALETTE["muted"],
    )
    lower.yaxis.set_major_formatter(FuncFormatter(lambda share, _: percent(share)))
    lower.yaxis.set_minor_locator(NullLocator())
    lower.set_ylabel("share above the score")
    lower.set_xlabel("score")
    score_ticks(lower.xaxis, low, high)
    for axes in (upper, lower):
        _draw_lines(axes, lines, vertical=True)
    _name_lines(upper, lines)
    _count_beyond(upper, groups, high)


def _name_lines(axes: Axes, lines: Lines) -> None:
    named = [(f"threshold {quantity(lines.threshold)}", lines.threshold, 4, "left", "anomaly")]
    if lines.review is not None:
        named.append((f"review {quantity(lines.review)}", lines.review, -4, "right", "muted"))
    for text, value, offset, side, colour in named:
        axes.annotate(
            text,
            (value, 1),
            (offset, -9),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha=side,
            color=PALETTE[colour],
        )


def _count_beyond(axes: Axes, groups: tuple[Group, ...], high: float) -> None:
    for row, group in enumerate(groups):
        beyond = int((group.scores > high).sum())
        if beyond:
            axes.annotate(
                f"{count(beyond)} further right, up to {quantity(float(group.scores.max()), 2)}",
                (1, 0.62 - 0.13 * row),
                xycoords="axes fraction",
                ha="right",
                color=group.colour,
            )


def _draw_order(scores: Array, lines: Lines, figure: Figure) -> None:
    low, high = score_range(scores, lines)
    axes = figure.add_subplot()
    place, shown = np.arange(1, scores.size + 1), np.clip(scores, low, high)
    alarm = scores > lines.threshold
    size = float(np.clip(4000 / scores.size, 2, 14))
    for chosen, colour in ((~alarm, POINTS["normal"]), (alarm, POINTS["anomaly"])):
        axes.scatter(place[chosen], shown[chosen], s=size, color=colour, alpha=0.75, linewidths=0, rasterized=True)
    window = max(5, scores.size // 40)
    if scores.size >= 4 * window:
        edges = np.linspace(0, scores.size, 41).astype(int)
        medians = [np.median(part) for part in np.split(shown, edges[1:-1])]
        axes.plot((edges[:-1] + edges[1:] + 1) / 2, medians, color=PALETTE["ink"], linewidth=1.2)
    axes.set(yscale="log", ylim=(low, high), xlabel="calibration sample, in time order", ylabel="score")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    score_ticks(axes.yaxis, low, high)
    _draw_lines(axes, lines, vertical=False)
    axes.annotate(
        "threshold",
        (1, lines.threshold),
        (0, 3),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        ha="right",
        color=PALETTE["anomaly"],
    )


def _draw_lines(axes: Axes, lines: Lines, vertical: bool) -> None:
    axes_line = axes.axvline if vertical else axes.axhline
    axes_line(lines.threshold, color=PALETTE["anomaly"], linewidth=1)
    if lines.review is not None:
        axes_line(lines.review, color=PALETTE["muted"], linewidth=1, linestyle="--")


def score_range(scores: Array, lines: Lines) -> tuple[float, float]:
    """Give the ends of a log axis for ``scores``: positive, apart, and not stretched by a few extremes."""
    positive = scores[scores > 0]
    if not positive.size:
        return 0.1, 10.0
    middle = lines.threshold if lines.threshold > 0 else float(np.median(positive))
    high = 1.3 * max(middle, min(float(positive.max()), FURTHEST * middle))
    low = max(float(np.quantile(positive, 0.001)), high / FURTHEST**2)
    return min(low, middle) / 1.3, high


def score_ticks(axis: Axis, low: float, high: float) -> None:
    """Label a log axis with plain numbers, also where it spans less than a decade."""
    decades = np.log10(high / low)
    if decades < 1:
        axis.set_major_locator(MaxNLocator(5))
    elif decades < 3:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    else:
        axis.set_major_locator(LogLocator(numticks=9))
    axis.set_major_formatter(FuncFormatter(lambda value, _: quantity(value)))
    axis.set_minor_formatter(NullFormatter())
