"""What the tests' little camera sees, without torch: tiles of 24 x 32 grey pixels, lit from one side or the other."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 24, 32
SPOT = (slice(14, 18), slice(20, 27))  # rows and columns of a defect


def clean_tiles(count: int, seed: int = 0) -> NDArray[np.uint8]:
    """Draw clean images [count, 24, 32, 1]: light that leans across or down, and a little noise."""
    rng = np.random.default_rng(seed)
    down, across = np.meshgrid(np.linspace(-1, 1, HEIGHT), np.linspace(-1, 1, WIDTH), indexing="ij")
    lean = rng.normal(size=(2, count, 1, 1))
    light = 120 + 12 * lean[0] * across + 8 * lean[1] * down + 2 * rng.normal(size=(count, HEIGHT, WIDTH))
    tiles: NDArray[np.uint8] = np.clip(np.rint(light), 0, 255).astype(np.uint8)[:, :, :, np.newaxis]
    return tiles


def with_spot(tiles: NDArray[Any], step: int = 60) -> NDArray[np.uint8]:
    """Give each of ``tiles`` [n, 24, 32, 1] a bright spot at ``SPOT``."""
    spotted: NDArray[np.uint8] = tiles.copy()
    spotted[:, SPOT[0], SPOT[1]] += np.uint8(step)
    return spotted
