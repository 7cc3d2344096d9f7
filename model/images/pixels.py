"""What a decoded image's values mean: grey or colour, 8 or 16 bits, and nothing beside them.

Values are taken as stored: no colour profile, gamma or white balance is applied. Grey of fewer than 8 bits is spread over
8. A palette of greys makes grey, any other colour. Transparency is dropped where nothing is transparent, and refused
otherwise: no camera sees it, and what lies behind is anybody's choice.
"""

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image
from PIL.ImageFile import ImageFile

from model.images.errors import UnsupportedImageError

_OTHER_END = {"B": "L", "L": "B", "N": "L" if sys.byteorder == "big" else "B"}
_DEEP_MODES = ("RGB", "RGBA")
_UNSUPPORTED = {
    "CMYK": "the print colours CMYK",
    "YCbCr": "luma and chroma, YCbCr",
    "LAB": "the colours L*a*b*",
    "I": "32-bit or signed integers",
    "F": "floating-point numbers",
}


def is_deep(image: ImageFile) -> bool:
    """Tell whether an image that is not loaded has 16-bit colours, of which loading keeps the high bytes alone."""
    raw_mode = _raw_mode(image)
    if raw_mode.startswith("LA;16"):
        raise UnsupportedImageError("expected opaque pixels, found 16-bit grey with transparency")
    return image.mode in _DEEP_MODES and raw_mode[-4:-1] == ";16"


def take_low_bytes(image: ImageFile) -> ImageFile:
    """Have loading a deep image keep the low bytes of its colours, by naming its values' other byte order."""
    raw_mode = _raw_mode(image)
    other = raw_mode[:-1] + _OTHER_END[raw_mode[-1]]
    image.tile = [
        tile._replace(args=(other, *tile.args[1:]) if isinstance(tile.args, tuple) else other) for tile in image.tile
    ]
    return image


def pixels_of(image: ImageFile, low: ImageFile | None) -> NDArray[Any]:
    """Load an image, and the ``low`` bytes of a deep one, as [H, W, C]: uint8 or uint16, C 1 or 3.

    Raises:
        UnsupportedImageError: transparent, or of values that are neither grey nor colour.
        Whatever the decoder raises on damaged input.
    """
    image.load()
    if low is not None:
        low.load()
        return _opaque(np.asarray(image).astype(np.uint16) << 8 | np.asarray(low), image)
    if image.mode.startswith("I;16"):
        return _opaque(np.asarray(image).astype(np.uint16)[:, :, np.newaxis], image)
    return _opaque(np.array(_plain(image)), image)


def _plain(image: Image) -> Image:
    """Convert to one of the modes L, LA, RGB and RGBA, none of which loses anything."""
    transparent = "transparency" in image.info
    if image.mode in ("1", "L"):
        return image.convert("LA" if transparent else "L")
    if image.mode == "P":
        grey = _is_grey_palette(image)
        return (
            image.convert("RGBA").convert("LA" if grey else "RGBA")
            if transparent
            else image.convert("L" if grey else "RGB")
        )
    if image.mode == "RGB":
        return image.convert("RGBA") if transparent else image
    if image.mode in ("LA", "RGBA"):
        return image
    raise UnsupportedImageError(
        f"expected grey or colour values of 8 or 16 bits, found {_UNSUPPORTED.get(image.mode, f'mode {image.mode}')}"
    )


def _opaque(values: NDArray[Any], image: Image) -> NDArray[Any]:
    """Drop the channel of opacity where there is one and it says nothing."""
    deep = values.dtype == np.uint16
    values = values if values.ndim == 3 else values[:, :, np.newaxis]
    channels = values.shape[2]
    if deep and "transparency" in image.info:
        raise UnsupportedImageError("expected opaque pixels, found a 16-bit image that names a transparent colour")
    if channels % 2:
        return np.ascontiguousarray(values)
    if (values[:, :, -1] != np.iinfo(values.dtype).max).any():
        raise UnsupportedImageError(
            "expected opaque pixels, found transparent ones; save the image without transparency"
        )
    return np.ascontiguousarray(values[:, :, :-1])


def _is_grey_palette(image: Image) -> bool:
    palette = np.array(image.getpalette("RGB")).reshape(-1, 3)
    return bool((palette == palette[:, :1]).all())


def _raw_mode(image: ImageFile) -> str:
    args = image.tile[0].args if image.tile else None
    return str(args[0] if isinstance(args, tuple) and args else args)
