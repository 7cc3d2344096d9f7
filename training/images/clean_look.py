"""What clean descriptions have in common, and how much of one is usually left. N, M: tiles, D: values, K: features."""

import numpy as np
import torch
from torch import Tensor

from model.image_detector import CleanLook, TilesGraph
from model.sample_form import SampleSet
from training.images.clean_pixels import drawn, transformed

MOST_TILES, MOST_VALUES = 3000, 40_000_000
MOST_AXES = 200
FEW = 1000  # so few rows have an exact decomposition in seconds
SPARE_AXES, PASSES = 16, 4  # of the randomised one (Halko, Martinsson and Tropp, 2011)
SMALLEST_SPREAD = 1e-3


@torch.no_grad()
def fit_look(tiles: TilesGraph, train: SampleSet, validation: SampleSet, seed: int) -> CleanLook:
    """Find the axes in clean ``train`` images, and what is left beside them in ``validation`` images.

    Features are weighed by their spread before axes are sought, or the strongest would take them all. There are as many
    axes as half of the tiles, at most 200: what little an axis too many takes from a fault it takes from clean images as
    well, and validation images see none of the training.
    """
    described = _described(train, tiles, seed)
    count, features = described.shape[1], tiles.describe.feature_count
    centre = described.mean(dim=0)
    described -= centre
    spread = described.reshape(len(described), features, -1).square().mean(dim=(0, 2)).sqrt()
    spread = spread.clamp(min=SMALLEST_SPREAD)
    weight = spread.repeat_interleave(count // features)
    axes = _axes(described / weight, min(MOST_AXES, max(1, len(described) // 2)), seed)
    held_out = (_described(validation, tiles, seed) - centre) / weight
    left = (held_out - (held_out @ axes) @ axes.T).reshape(len(held_out), features, -1)
    left = left.square().mean(dim=(0, 2)).sqrt().clamp(min=SMALLEST_SPREAD)
    return CleanLook(centre, weight, axes, left)


def _described(images: SampleSet, graph: TilesGraph, seed: int) -> Tensor:
    """Return descriptions [N, D] of tiles of ``images``, of as many as there is memory set apart for."""
    plan, (rows, columns) = graph.plan, graph.plan.tile_cells
    size = graph.describe.feature_count * rows * columns
    most = min(MOST_TILES, max(1, MOST_VALUES // size))
    tiles_each = plan.height.tiles * plan.width.tiles
    # All tiles of few images or some of many: images differ more than the tiles of one.
    chosen = drawn(len(images), most, seed)
    each = max(1, most // len(chosen))
    rng = np.random.default_rng(seed)
    parts = []
    for row in np.array_split(chosen, max(1, len(chosen) // 16)):
        described = transformed(images, graph, row, torch.float32)
        kept = np.sort(rng.permuted(np.tile(np.arange(tiles_each), (len(row), 1)), axis=1)[:, :each], axis=1)
        parts.append(described[torch.arange(len(row))[:, None], torch.from_numpy(kept)].reshape(-1, size))
    return torch.cat(parts)


def _axes(x: Tensor, count: int, seed: int) -> Tensor:
    """Return the ``count`` axes [D, A] along which ``x`` [N, D] spreads most."""
    if len(x) <= FEW:
        exact: tuple[Tensor, Tensor, Tensor] = torch.linalg.svd(x, full_matrices=False)
        return exact[2][:count].T.contiguous()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        sketched: tuple[Tensor, Tensor, Tensor] = torch.svd_lowrank(
            x, q=min(count + SPARE_AXES, *x.shape), niter=PASSES
        )
    return sketched[2][:, :count].contiguous()
