"""A picture of the latent space: where samples lie and, where they are images, what its places look like. Z: latent size."""

import io
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import norm

from model.bundle import Bundle
from model.decoder import Decoder
from model.encoder import Encoder
from model.errors import InputError
from model.image_grid import tile
from model.output_file import write_whole
from training.inspection.map_samples import Colouring, MapSamples, read_map_samples
from training.report.inline_svg import PALETTE, STYLE
from training.report.latent_map import LatentMap, latent_map
from training.report.plots import EARLY_TO_LATE, PRIOR_RADIUS, frame_latents, point_size, spread_rows
from training.report.typography import NO_BREAK, count, percent

Array = NDArray[np.float64]

PANEL = 5.2  # inches
DPI = 160
TILES = 20  # decoded images along an axis
OUTERMOST = 0.02  # of the prior lies beyond the grid at each end of an axis
LABELS = "tab10"


def write_latent_map(target: Path, bundle: Bundle, inputs: str, column: str | None) -> str:
    """Write the map of the samples in files ``inputs``, coloured by ``column``, and say what is on it.

    Raises:
        InputError: there is no latent, the files cannot be used, or ``target`` cannot be written.
    """
    manifest = bundle.manifest
    if bundle.encoder is None:
        raise InputError(
            f"{manifest.name} version {manifest.version} has no latent to map: its detector is {manifest.detector}"
        )
    samples = read_map_samples(inputs, column, Encoder(bundle.encoder), manifest)
    write_whole(target, latent_picture(bundle, samples))
    left_out = f"; {count(samples.invalid, 'invalid one')} left out" if samples.invalid else ""
    return f"{target}: {count(len(samples.latents), 'sample')} by {count(samples.latents.shape[1], 'latent')}{left_out}".replace(
        NO_BREAK, " "
    )


def latent_picture(bundle: Bundle, samples: MapSamples) -> bytes:
    """Draw the map as the bytes of a PNG file: samples as points and, of an image detector, the grid of decoded places.

    Two latents are shown as they are, more of them by the principal components of the samples' posterior means. The grid is
    spaced by the prior's quantiles (Kingma and Welling 2014, figure 4), at the samples' mean in all other directions.
    """
    view = latent_map(samples.latents)
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({**STYLE, "figure.facecolor": "white", "axes.facecolor": "white"})
        grid = decoded_grid(bundle, samples.latents, view) if bundle.manifest.image and view.axes[1] else None
        panels = 1 if grid is None else 2
        figure = Figure(figsize=(PANEL * panels, PANEL), layout="constrained")
        axes = figure.subplots(1, panels, squeeze=False)[0]
        _draw_points(axes[0], view, samples.colouring)
        if grid is not None:
            _draw_grid(axes[1], grid, view)
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=DPI, bbox_inches="tight", metadata={"Software": None})
    return file.getvalue()


def decoded_grid(bundle: Bundle, latents: Array, view: LatentMap) -> Array:
    """Decode ``TILES`` by ``TILES`` places of the map into one image [rows, columns, C], values 0 to 1."""
    image = bundle.manifest.image
    if bundle.decoder is None or image is None:
        raise ValueError("only a decoder of images has a grid")
    quantiles = norm.ppf(np.linspace(OUTERMOST, 1 - OUTERMOST, TILES))
    across, up = np.meshgrid(quantiles, quantiles[::-1])
    places = np.column_stack([across.ravel(), up.ravel()])
    centre = latents.mean(axis=0)
    elsewhere = centre - view.directions @ (view.directions.T @ centre)
    tiles = Decoder(bundle.decoder).decode(elsewhere + places @ view.directions.T)
    return tile(np.clip(tiles / (2**image.bits - 1), 0, 1), TILES)


def _draw_points(axes: Axes, view: LatentMap, colouring: Colouring) -> None:
    single = not view.axes[1]  # one latent leaves an axis free: it shows the order
    reach = 1.08 * max(PRIOR_RADIUS, float(np.quantile(np.abs(view.points), 0.999)))
    order = np.linspace(-reach, reach, len(view.points))
    at = np.column_stack([order, view.points[:, 0]]) if single else view.points
    rows = spread_rows(np.arange(len(at)))
    x, y = at[rows].T
    size = 1.5 * point_size(rows)
    if colouring.labels:
        colours = mpl.colormaps[LABELS](colouring.values[rows].astype(int))
        axes.scatter(x, y, c=colours, alpha=0.75, s=size, linewidths=0)
        for number, label in enumerate(colouring.labels):
            axes.scatter([], [], color=mpl.colormaps[LABELS](number), s=14, label=label)
        axes.legend(
            title=colouring.title, loc="upper left", bbox_to_anchor=(1, 1), handletextpad=0.1, borderaxespad=0.2
        )
    else:
        drawn = axes.scatter(x, y, c=colouring.values[rows], cmap=EARLY_TO_LATE, alpha=0.75, s=size, linewidths=0)
        bar = axes.figure.colorbar(
            drawn, ax=axes, shrink=0.6, aspect=30, ticks=[colouring.values.min(), colouring.values.max()]
        )
        bar.ax.set_yticklabels(colouring.ends)
        bar.ax.set_title(colouring.title, fontsize=8.5, color=PALETTE["muted"])
        bar.outline.set_visible(False)
    frame_latents(axes, reach, single)
    axes.set(xlabel="order" if single else view.axes[0], ylabel=view.axes[0] if single else view.axes[1])
    shown = f", {percent(view.shown)} of their variation" if view.size > 2 else ""
    axes.set_title(f"where samples lie{shown}")


def _draw_grid(axes: Axes, grid: Array, view: LatentMap) -> None:
    axes.imshow(grid.squeeze(), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes.set(xticks=[], yticks=[], xlabel=view.axes[0], ylabel=view.axes[1])
    for edge in axes.spines.values():
        edge.set_visible(False)
    axes.set_title("what the decoder makes of it, by the prior's quantiles")
