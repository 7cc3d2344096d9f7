"""Turning pixels as EXIF says: cameras store what the sensor saw, and beside it how they were held."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.ExifTags import Base
from PIL.Image import Image

AS_STORED = 1


def orientation(image: Image) -> int:
    """Read how a loaded image is to be turned, 1 to 8 by the EXIF standard; anything else there is no turn."""
    found = image.getexif().get(Base.Orientation, AS_STORED)
    return found if isinstance(found, int) and 1 <= found <= 8 else AS_STORED


def upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Turn ``pixels`` [H, W, C]: orientations 5 to 8 lie on their side, of either four two are mirrored."""
    if orientation == AS_STORED:
        return pixels
    turned = pixels.swapaxes(0, 1) if orientation > 4 else pixels
    rows = slice(None, None, -1 if orientation in (3, 4, 7, 8) else 1)
    columns = slice(None, None, -1 if orientation in (2, 3, 6, 7) else 1)
    return np.ascontiguousarray(turned[rows, columns])
