"""Several images as one: laid out side by side, on a sheet that a person can look over. n: images, H, W, C: their shape."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def tile(images: Array, columns: int, paper: float = 1.0) -> Array:
    """Lay images [n, H, W, C] out in rows of so many, [rows H, columns W, C]; what they do not fill has the value ``paper``."""
    count, height, width, channels = images.shape
    rows = -(-count // columns)
    filled = np.full((rows * columns, height, width, channels), paper)
    filled[:count] = images
    laid = filled.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    return np.asarray(laid.reshape(rows * height, columns * width, channels))
