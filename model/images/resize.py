"""Bringing an image to a declared size. One function, for training and serving; changing what it gives makes new bundles.

Area-weighted linear interpolation (a triangle filter as wide as the reduction), so that nothing aliases; 8-bit values in
fixed point, which gives the same bytes on every machine.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def resize(pixels: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    """Return ``pixels`` [H, W, C] as [height, width, C] of the same type, each channel by itself."""
    if pixels.shape[:2] == (height, width):
        return pixels
    channels = [
        Image.fromarray(np.ascontiguousarray(pixels[:, :, channel])).resize((width, height), Image.Resampling.BILINEAR)
        for channel in range(pixels.shape[2])
    ]
    return np.stack([np.asarray(channel).astype(pixels.dtype) for channel in channels], axis=2)
