"""Tiles, their masks and their heat maps, as one picture."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.images.plumbline import learn
from benchmarks.images.tiles import CLEAN, DEFECTS, Tiles, split
from model.image_grid import tile
from model.images.overlay import overlay
from model.images.png import png
from model.raw_scorer import RawScorer

CLEAN_BELOW = 0.95  # of the clean test images, whose largest heat stays below the line that colours begin around


def draw_heat(tiles: Tiles, file: Path) -> None:
    """Draw, of the clean test images and of each kind of defect, the one with the middle score: image, mask, heat map."""
    train, test = split(tiles, 0)
    scorer = learn(tiles.images[train], 0).scorer
    clean = test[tiles.kinds[test] == CLEAN]
    line = float(np.quantile(scorer.contributions(tiles.images[clean]).max(axis=(1, 2)), CLEAN_BELOW))
    chosen = np.array([_middle(tiles, scorer, test[tiles.kinds[test] == kind]) for kind in (CLEAN, *DEFECTS)])
    images = tiles.images[chosen]
    masks = np.where(tiles.masks[chosen], 255, 0).astype(np.uint8)[..., None]
    heat = scorer.contributions(images)
    drawn = np.stack([overlay(image, of_image, line) for image, of_image in zip(images, heat, strict=True)])
    rows = np.concatenate([np.repeat(images, 3, axis=3), np.repeat(masks, 3, axis=3), drawn])
    file.write_bytes(png(tile(rows.astype(np.float64)[:, ::2, ::2], len(chosen)).astype(np.uint8)))


def _middle(tiles: Tiles, scorer: RawScorer, numbers: NDArray[np.intp]) -> int:
    order = np.argsort(scorer.scores(tiles.images[numbers]), kind="stable")
    return int(numbers[order[order.size // 2]])
