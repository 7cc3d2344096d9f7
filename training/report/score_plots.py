"""Drawings of scores: how clean and faulty samples are distributed, and how clean ones run in time."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator
from numpy.typing import NDArray

from training.report.inline_svg import PALETTE, POINTS, inline_svg
from training.report.score_axis import ScoreAxis, score_axis
from training.report.typography import count, percent, quantity

Array = NDArray[np.float64]

CURVE_POINTS = 300  # enough for the eye, few enough for the page
MEDIANS, LEAST_PER_MEDIAN = 40, 5  # how many medians trace scores in time, of at least how many samples each


@dataclass(frozen=True)
class Lines:
    """Where verdicts change, and the rate promised for it; ``old`` is the threshold before, if there was one."""

    threshold: float
    review: float | None
    target_fpr: float
    old: float | None = None

    @property
    def drawn(self) -> tuple[tuple[str, float, str, str], ...]:
        """Name, score, colour and dash of each line."""
        every = (
            ("threshold", self.threshold, PALETTE["anomaly"], "-"),
            ("review", self.review, PALETTE["muted"], "--"),
            ("old threshold", self.old, PALETTE["muted"], ":"),
        )
        return tuple((name, at, colour, dash) for name, at, colour, dash in every if at is not None)


@dataclass(frozen=True)
class Group:
    """Samples of one kind: ``scores`` [n], at least one, and how they are drawn."""

    name: str
    scores: Array
    colour: str
    dash: str = "-"


def groups_of(calibration: Array, clean: Array, anomalous: Array) -> tuple[Group, ...]:
    """Give each kind of sample its name and colour; ``clean`` and ``anomalous`` test scores may be empty."""
    kinds = (
        Group("clean, calibration", calibration, PALETTE["normal"]),
        Group("clean, test", clean, PALETTE["ink"], "--"),
        Group("faulty, test", anomalous, PALETTE["anomaly"]),
    )
    return tuple(group for group in kinds if group.scores.size)


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
    axis = score_axis(np.concatenate([group.scores for group in groups]), lines.threshold)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(1, 1.1))
    most = max(group.scores.size for group in groups)
    bins = np.geomspace(axis.low, axis.high, int(np.clip(5 * most ** (1 / 3), 12, 60)) + 1)
    for group in groups:
        _draw_histogram(upper, group, axis, bins)
        _draw_share_above(lower, group, axis)
    upper.set(ylabel="% of each group", ylim=(0, 1.15 * upper.dataLim.y1))
    upper.legend(loc="lower left", ncols=3, bbox_to_anchor=(0, 1.06), borderaxespad=0, handlelength=1.6)
    lower.set(xscale="log", yscale="log", xlabel="score", ylabel="share above the score")
    lower.set(xlim=(axis.low, axis.high), ylim=(min(0.5 / most, lines.target_fpr / 3), 1.4))
    lower.axhline(lines.target_fpr, color=PALETTE["muted"], linewidth=0.8, linestyle=(0, (1, 2)))
    promised = f"promised: at most {percent(lines.target_fpr)} of clean samples"
    _note(lower, promised, (0, lines.target_fpr), (4, 3), ("axes fraction", "data"), "left", PALETTE["muted"])
    lower.yaxis.set_major_formatter(FuncFormatter(lambda share, _: percent(share)))
    lower.yaxis.set_minor_locator(NullLocator())
    axis.tick(lower.xaxis)
    highest = max(score for _, score, _, _ in lines.drawn)
    for row, (name, score, colour, dash) in enumerate(lines.drawn):
        side, offset = ("left", 4) if score == highest else ("right", -4)
        at = float(np.clip(score, axis.low, axis.high))
        upper.axvline(at, color=colour, linewidth=1, linestyle=dash)
        lower.axvline(at, color=colour, linewidth=1, linestyle=dash)
        _note(
            upper,
            f"{name} {quantity(score)}",
            (at, 1),
            (offset, -9 - 11 * (row // 2)),
            ("data", "axes fraction"),
            side,
            colour,
        )


def _draw_histogram(axes: Axes, group: Group, axis: ScoreAxis, bins: Array) -> None:
    share = 100 * np.histogram(axis.place(group.scores), bins)[0] / group.scores.size
    if group.dash == "-":
        axes.stairs(share, bins, fill=True, color=group.colour, alpha=0.2)
    axes.stairs(share, bins, color=group.colour, linewidth=1.2, linestyle=group.dash, label=group.name)
    beyond = int((group.scores > axis.high).sum())
    if beyond:
        text = f"{count(beyond)} further right, up to {quantity(float(group.scores.max()), 2)}"
        height = {"-": 0.5, "--": 0.38}[group.dash]
        _note(axes, text, (1, height), (0, 0), ("axes fraction", "axes fraction"), "right", group.colour)


def _draw_share_above(axes: Axes, group: Group, axis: ScoreAxis) -> None:
    scores = np.sort(axis.place(group.scores))
    # The step at the i-th smallest of n leaves a share of (n - i) / n above it; a log axis has no place for none.
    rank = np.unique(scores.size - np.geomspace(1, scores.size, CURVE_POINTS).astype(int))
    above = np.maximum(1 - (rank + 1) / scores.size, 1e-12)
    x, y = np.append(axis.low, scores[rank]), np.append(1.0, above)
    axes.plot(x, y, color=group.colour, linestyle=group.dash, drawstyle="steps-post")


def _draw_order(scores: Array, lines: Lines, figure: Figure) -> None:
    axis = score_axis(scores, lines.threshold)
    axes = figure.add_subplot(xlabel="calibration sample, in time order", ylabel="score")
    place, shown, alarm = np.arange(1, scores.size + 1), axis.place(scores), scores > lines.threshold
    size = float(np.clip(4000 / scores.size, 2, 14))
    for kind, colour in ((~alarm, POINTS["normal"]), (alarm, POINTS["anomaly"])):
        axes.scatter(place[kind], shown[kind], s=size, color=colour, alpha=0.75, linewidths=0, rasterized=True)
    parts = min(MEDIANS, scores.size // LEAST_PER_MEDIAN)
    if parts > 1:
        middles = [part.mean() for part in np.array_split(place, parts)]
        axes.plot(
            middles, [np.median(part) for part in np.array_split(shown, parts)], color=PALETTE["ink"], linewidth=1.2
        )
    axes.set(yscale="log", ylim=(axis.low, axis.high))
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda at, _: f"{at:,.0f}"))
    axis.tick(axes.yaxis)
    for _, score, colour, dash in lines.drawn:
        axes.axhline(float(np.clip(score, axis.low, axis.high)), color=colour, linewidth=1, linestyle=dash)
    at = float(np.clip(lines.threshold, axis.low, axis.high))
    _note(axes, "threshold", (1, at), (0, 3), ("axes fraction", "data"), "right", PALETTE["anomaly"])


def _note(
    axes: Axes,
    text: str,
    at: tuple[float, float],
    offset: tuple[float, float],
    coordinates: tuple[str, str],
    side: str,
    colour: str,
) -> None:
    axes.annotate(text, at, offset, coordinates, textcoords="offset points", ha=side, color=colour)
