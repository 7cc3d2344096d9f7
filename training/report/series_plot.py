"""A verdict on the time axis: channels of a series, their score, and where it raises an alarm. N: steps, F: channels."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter
from numpy.typing import NDArray

from training.report.inline_svg import PALETTE, inline_svg
from training.report.typography import quantity

SHOWN = 4  # channels; those whose residuals the anomalies raise most come first
ROW_INCHES, SCORE_INCHES = 0.75, 1.4


@dataclass(frozen=True)
class JudgedSeries:
    """Steps in order: ``values`` [N, F] of channels ``names``, ``score`` [N], and which are labelled ``anomalous`` [N]."""

    names: tuple[str, ...]
    values: NDArray[np.float64]
    score: NDArray[np.float64]
    threshold: float
    anomalous: NDArray[np.bool_]


def series_plot(name: str, judged: JudgedSeries, channels: NDArray[np.intp]) -> str:
    """Draw ``channels`` (their numbers, first on top) above the score; alarms are shaded, labelled faults underlined."""
    shown = channels[:SHOWN]
    alarms = judged.score > judged.threshold
    alt = (
        f"{len(judged.score):,} steps of {', '.join(judged.names[channel] for channel in shown)}, and their score; "
        f"{int(alarms.sum()):,} raise an alarm, {int(judged.anomalous.sum()):,} are labelled anomalous"
    )

    def draw(figure: Figure) -> None:
        heights = [ROW_INCHES] * len(shown) + [SCORE_INCHES]
        axes = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
        for axis, channel in zip(axes[:-1], shown, strict=True):
            axis.plot(judged.values[:, channel], color=PALETTE["normal"], linewidth=0.7)
            axis.set_title(judged.names[channel])
            axis.set_yticks([])
        _score(axes[-1], judged)
        for axis in axes:
            for start, stop in _runs(alarms):
                axis.axvspan(start - 0.5, stop - 0.5, color=PALETTE["anomaly"], alpha=0.18, linewidth=0)
            for start, stop in _runs(judged.anomalous):
                axis.plot(
                    [start, stop - 1], [0, 0], color=PALETTE["ink"], linewidth=3, transform=axis.get_xaxis_transform()
                )

    return inline_svg(name, alt, ROW_INCHES * 1.3 * len(shown) + SCORE_INCHES, draw)


def _score(axis: Axes, judged: JudgedSeries) -> None:
    axis.plot(np.maximum(judged.score, 1e-3 * judged.threshold), color=PALETTE["ink"], linewidth=0.8)
    axis.axhline(judged.threshold, color=PALETTE["anomaly"], linewidth=0.9)
    axis.set_yscale("log")
    axis.yaxis.set_major_formatter(FuncFormatter(lambda score, _: quantity(score, 2)))
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.set_title("score, and the threshold")
    axis.set_xlabel("step")


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
