"""Location, scale and believable interval of each channel, and which channels wander, from clean windows."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.sample_form import SampleSet
from model.window_units import WindowUnits, WindowUnitsGraph, straight_lines
from training.dependence import inflation
from training.standardise import MARGIN

CHUNK_VALUES = 1 << 20
# A channel whose clean record is worth fewer independent values than this has not come back to its level often enough
# for that level to be known: a temperature that drifts through the whole record.
REVISITS = 15
STILL = 1e-9  # relative to its level, a channel with less of a spread stands still but for rounding
STILL_SCALE = 0.01  # what counts as one spread of a channel that stands still, in parts of its level


def fit_units(train: SampleSet, validation: SampleSet) -> WindowUnits:
    """Learn the units from clean windows [N, T, F], [M, T, F] in time order.

    Location, scale and interval come from ``train``. Whether a channel wanders is judged over both parts, by how many
    independent values its last steps are worth: what repeats its neighbours over the whole record wanders.
    """
    steps = train[:1].shape[1]
    now, later = last_steps(train), last_steps(validation)
    location, spread = now.mean(axis=0), now.std(axis=0)
    still = spread <= STILL * np.abs(location)
    scale = np.where(still, STILL_SCALE * np.where(location == 0, 1.0, np.abs(location)), spread)
    series = np.vstack([now, later])
    wanders = np.array([series.shape[0] / inflation(column) < REVISITS for column in series.T])
    return WindowUnits(
        steps=steps,
        location=torch.from_numpy(location),
        scale=torch.from_numpy(scale),
        wanders=torch.from_numpy(wanders),
        **_bounds_and_lines(train, location, scale, wanders),
    )


def last_steps(windows: SampleSet) -> NDArray[np.float64]:
    """Return the last step of each window [N, F]: the series they were cut from, each step once."""
    return np.concatenate([part[:, -1] for part in in_parts(windows)])


def in_parts(windows: SampleSet, numbers: NDArray[np.intp] | None = None) -> Iterator[NDArray[np.float64]]:
    """Go through windows [n, T, F], all or those with these ``numbers``, in parts of a few megabytes."""
    if numbers is None:
        numbers = np.arange(len(windows))
    step = max(1, CHUNK_VALUES // windows[:1].size)
    for start in range(0, numbers.size, step):
        yield windows[numbers[start : start + step]]


def _bounds_and_lines(
    train: SampleSet, location: NDArray[np.float64], scale: NDArray[np.float64], wanders: NDArray[np.bool_]
) -> dict[str, Tensor]:
    basis = straight_lines(train[:1].shape[1]).numpy()
    low, high = np.full(location.shape, np.inf), np.full(location.shape, -np.inf)
    lines = []
    for part in in_parts(train):
        standardised = (part - location) / scale
        line = np.einsum("tl,btf->blf", basis, standardised)
        held = standardised - np.einsum("tl,blf->btf", basis, line * wanders)
        low, high = np.minimum(low, held.min(axis=(0, 1))), np.maximum(high, held.max(axis=(0, 1)))
        lines.append(line[:, :, wanders].reshape(len(part), -1))
    of_lines = np.concatenate(lines)
    spread = of_lines.std(axis=0)
    found = {
        "lower": low - MARGIN * (high - low),
        "upper": high + MARGIN * (high - low),
        "line_location": of_lines.mean(axis=0),
        "line_scale": np.where(spread > 0, spread, 1.0),
    }
    return {name: torch.from_numpy(values) for name, values in found.items()}


class NormalisedWindows:
    """Clean windows as the network sees them, float32, fetched when asked."""

    def __init__(self, windows: SampleSet, units: WindowUnits) -> None:
        self._windows, self._units = windows, WindowUnitsGraph(units)

    def __len__(self) -> int:
        return len(self._windows)

    def __getitem__(self, rows: Tensor, /) -> Tensor:
        held, _ = self._units.split(torch.from_numpy(self._windows[rows.numpy()]))
        return self._units.network_input(held).float()
