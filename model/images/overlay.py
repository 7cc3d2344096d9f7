"""A heat map drawn over its image, for people: grey where nothing stands out, warm where something does.

The colours are the upper part of *inferno* (van der Walt and Smith, 2015): lightness grows evenly with the heat, so that the
order of colours survives colour blindness and a black and white print. The scale is the same for every image of a
model: it begins at half the line above which a pixel stands out and ends at four times it, evenly by doublings.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

COLOURS = np.array(
    [
        *((87, 16, 110), (125, 30, 109), (163, 44, 97), (199, 62, 76), (228, 90, 49)),
        *((246, 128, 19), (252, 172, 17), (245, 219, 76), (252, 255, 164)),
    ],
    dtype=np.float64,
)
FROM, DOUBLINGS = 0.5, 3  # in units of the line: half of it to four times it
MOST_OPAQUE = 0.7
_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601


def overlay(pixels: NDArray[Any], heat: NDArray[np.float64], line: float | None) -> NDArray[np.uint8]:
    """Draw ``heat`` [H, W] over the image ``pixels`` [H, W, C]; returns colours [H, W, 3].

    Without a ``line`` the largest heat of this image takes its place, at the end of the scale.
    """
    unit = line if line is not None and line > 0 else heat.max() / (FROM * 2**DOUBLINGS)
    with np.errstate(divide="ignore", over="ignore"):
        doublings = np.log2(np.maximum(heat / unit if unit > 0 else np.zeros_like(heat), 0) / FROM)
    place = np.clip(doublings / DOUBLINGS, 0, 1)[:, :, np.newaxis]
    opacity = MOST_OPAQUE * np.clip(doublings, 0, 1)[:, :, np.newaxis]  # all there at the line
    steps = np.linspace(0, 1, len(COLOURS))
    colour = np.concatenate([np.interp(place, steps, COLOURS[:, channel]) for channel in range(3)], axis=2)
    blended: NDArray[np.float64] = (1 - opacity) * _grey(pixels) + opacity * colour
    return np.rint(blended).astype(np.uint8)


def _grey(pixels: NDArray[Any]) -> NDArray[np.float64]:
    """Show pixels as grey [H, W, 1] of 0 to 255; deep ones, which seldom use their whole range, by their own range."""
    values = pixels.astype(np.float64)
    grey: NDArray[np.float64] = values @ _LUMA[:, np.newaxis] if pixels.shape[2] == len(_LUMA) else values
    if pixels.dtype == np.uint8:
        return grey
    low, high = float(grey.min()), float(grey.max())
    return (grey - low) * (255 / max(high - low, 1))
