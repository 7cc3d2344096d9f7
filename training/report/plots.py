"""Drawings of the fit, of detection and of the latent space, as inline SVG with a text alternative."""

from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

from training.evaluate import Evaluation
from training.history import TrainingHistory
from training.report.inline_svg import PALETTE, POINTS, inline_svg
from training.report.latent_map import LatentMap
from training.report.typography import count, percent, quantity

Array = NDArray[np.float64]

SETTLED_AFTER = 0.1  # share of the epochs whose fall from chance would flatten all that follows
CURVE_POINTS = 300  # enough for the eye, few enough for the page
MOST_POINTS = 5000  # of a kind: more would only cover each other
PRIOR_REACH, PRIOR_RADIUS = 2.576, 3.035  # hold 99 % of a standard normal in one and in two dimensions
EARLY_TO_LATE = LinearSegmentedColormap.from_list("early_to_late", ["#8a63b8", "#3f8bcb", "#3fae8c", "#c9a92f"])


def loss_curves(history: TrainingHistory) -> str:
    """Draw distortion, rate and their sum by epoch, training against validation, with the epoch that was kept."""
    best = history.best
    alt = (
        f"Training curves over {count(len(history.epochs), 'epoch')}. At the kept epoch {best.epoch}: validation distortion "
        f"{quantity(best.validation_distortion)} nats, rate {quantity(best.validation_rate)} nats, "
        f"negative ELBO {quantity(best.validation_negative_elbo)} nats."
    )
    return inline_svg("loss", alt, 2.3, partial(_draw_loss, history))


def detection_curve(scores: Array, anomalous: NDArray[np.bool_], evaluation: Evaluation, target_fpr: float) -> str:
    """Draw the detection rate against the false-alarm rate for test ``scores`` [m] that hold both kinds."""
    alt = (
        f"Detection rate against false-alarm rate on the test data. At the threshold, {percent(evaluation.detection_rate)} "
        f"of the faulty samples are detected at {percent(evaluation.false_alarm_rate)} false alarms; "
        f"{percent(target_fpr)} were allowed."
    )
    return inline_svg("detection", alt, 2.9, partial(_draw_detection, scores, anomalous, evaluation, target_fpr))


def latent_scatter(view: LatentMap, test: Array, anomalous: NDArray[np.bool_]) -> str:
    """Draw calibration samples by time order and, where there are test points [m, 2], those beside them."""
    alt = f"Map of {count(len(view.points), 'calibration sample')}, {' by '.join(filter(None, view.axes))}, coloured by time."
    if len(test):
        faulty = int(anomalous.sum())
        alt += f" Beside it {count(faulty, 'faulty test sample')} over {count(len(test) - faulty, 'clean one')}."
    return inline_svg("latents", alt, 3.6, partial(_draw_latents, view, test, anomalous))


def _draw_loss(history: TrainingHistory, figure: Figure) -> None:
    epochs, best_epoch = history.epochs, history.best_epoch
    x = [record.epoch for record in epochs]
    train = np.array([(r.train_distortion, r.train_rate, r.train_distortion + r.train_rate) for r in epochs])
    validation = np.array([(r.validation_distortion, r.validation_rate, r.validation_negative_elbo) for r in epochs])
    marker = "." if len(epochs) < 8 else ""
    for panel, title in enumerate(("distortion", "rate", "negative ELBO, their sum")):
        axes = figure.add_subplot(1, 3, panel + 1, title=title, xlabel="epoch")
        axes.axvline(best_epoch, color=PALETTE["line"], linewidth=1)
        axes.plot(x, train[:, panel], color=PALETTE["muted"], linewidth=1, marker=marker)
        axes.plot(x, validation[:, panel], color=PALETTE["normal"], marker=marker)
        axes.plot(best_epoch, validation[x.index(best_epoch), panel], "o", color=PALETTE["normal"])
        _fit_settled(axes, np.column_stack([train[:, panel], validation[:, panel]]))
        axes.set_xlim(0, max(2, 1.02 * x[-1]))
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(4))
    figure.axes[0].set_ylabel("nats per sample")


def _fit_settled(axes: Axes, curves: Array) -> None:
    settled = curves[int(SETTLED_AFTER * len(curves)) if len(curves) >= 20 else 0 :]
    finite = settled[np.isfinite(settled)]
    if finite.size:
        low, high = float(finite.min()), float(finite.max())
        margin = (high - low) / 10 or max(abs(high), 1) / 20
        axes.set_ylim(low - margin, high + 2 * margin)


def _draw_detection(
    scores: Array, anomalous: NDArray[np.bool_], evaluation: Evaluation, target_fpr: float, figure: Figure
) -> None:
    axes = figure.add_subplot()
    floor = min(0.5 / evaluation.clean_rows, target_fpr / 3)  # where "none" goes on a log axis
    alarms, detections, _ = roc_curve(anomalous, scores)
    kept = np.unique(np.linspace(0, alarms.size - 1, CURVE_POINTS).astype(int))
    x = np.geomspace(floor, 1, 200)
    axes.plot(x, 100 * x, color=PALETTE["muted"], linewidth=0.8, linestyle=(0, (1, 2)))
    axes.annotate(
        "no better than chance", (0.2, 20), (-4, 2), textcoords="offset points", color=PALETTE["muted"], ha="right"
    )
    axes.plot(np.maximum(alarms[kept], floor), 100 * detections[kept], color=PALETTE["ink"], drawstyle="steps-post")
    axes.axvline(target_fpr, color=PALETTE["muted"], linewidth=0.8, linestyle="--")
    axes.annotate("promised", (target_fpr, 0), (4, 12), textcoords="offset points", color=PALETTE["muted"])
    at = (max(evaluation.false_alarm_rate, floor), 100 * evaluation.detection_rate)
    sideways = np.clip(evaluation.false_alarm_interval, floor, 1)
    upright = 100 * np.array(evaluation.detection_interval)
    axes.plot(sideways, [at[1]] * 2, color=PALETTE["anomaly"], linewidth=1)
    axes.plot([at[0]] * 2, upright, color=PALETTE["anomaly"], linewidth=1)
    axes.plot(*at, "o", color=PALETTE["anomaly"], markersize=6, clip_on=False, zorder=5)
    axes.set(xscale="log", xlim=(floor, 1), ylim=(0, 103))
    axes.set_xlabel("false-alarm rate")
    axes.set_ylabel("faulty samples detected, %")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: percent(share)))
    axes.xaxis.set_minor_locator(NullLocator())


def _draw_latents(view: LatentMap, test: Array, anomalous: NDArray[np.bool_], figure: Figure) -> None:
    panels = figure.subplots(1, 2 if len(test) else 1, squeeze=False)[0]
    single = not view.axes[1]  # one latent leaves an axis free: it shows time
    reach = max(PRIOR_RADIUS, float(np.quantile(np.abs(view.points), 0.999)))
    if len(test):
        reach = max(reach, min(float(np.quantile(np.abs(test), 0.98)), 3 * reach))
    reach *= 1.08

    at = _positions(view.points, reach, single)
    drawn = spread_rows(np.arange(len(at)))
    style: dict[str, Any] = {"linewidths": 0, "rasterized": True, "clip_on": False}
    panels[0].scatter(*at[drawn].T, s=point_size(drawn), c=drawn, cmap=EARLY_TO_LATE, alpha=0.8, **style)
    if len(test):
        at = _positions(test, reach, single)
        for kind, colour, alpha in ((~anomalous, POINTS["normal"], 0.35), (anomalous, POINTS["anomaly"], 0.8)):
            drawn = spread_rows(np.flatnonzero(kind))
            panels[1].scatter(*at[drawn].T, s=point_size(drawn), color=colour, alpha=alpha, **style)
    for axes, title in zip(panels, ("calibration, by time", "test, clean and faulty"), strict=False):
        frame_latents(axes, reach, single)
        axes.set(title=title, xlabel="time order" if single else view.axes[0])
    panels[0].set_ylabel(view.axes[0] if single else view.axes[1])


def spread_rows(rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Select rows evenly and mix them, so that none of them lie on top for coming last."""
    every = np.linspace(0, rows.size - 1, min(rows.size, MOST_POINTS)).astype(int)
    return np.random.default_rng(0).permutation(rows[every])


def point_size(rows: NDArray[np.intp]) -> float:
    return float(np.clip(6000 / max(rows.size, 1), 2, 7))


def _positions(points: Array, reach: float, single: bool) -> Array:
    placed = np.column_stack([np.linspace(-reach, reach, len(points)), points[:, 0]]) if single else points
    return np.clip(placed, -reach, reach)


def frame_latents(axes: Axes, reach: float, single: bool) -> None:
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_locator(NullLocator() if single else MaxNLocator(5))
    if single:
        for edge in (-PRIOR_REACH, PRIOR_REACH):
            axes.axhline(edge, color=PALETTE["muted"], linewidth=0.8, linestyle=(0, (1, 2)))
    else:
        axes.add_patch(
            Circle((0, 0), PRIOR_RADIUS, fill=False, edgecolor=PALETTE["muted"], linewidth=0.8, linestyle=":")
        )
