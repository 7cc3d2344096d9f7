"""An encoded image as an array of pixels. The content decides what it is, never a name or a declared type.

Read are PNG, JPEG, BMP and TIFF, grey or colour, 8 or 16 bits. What is sound but has no set meaning here is refused with
a sentence, and nothing is decoded whose header already says that it is too large.
"""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from PIL.BmpImagePlugin import BmpImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from model.images.errors import ImageTooLargeError, UnreadableImageError, UnsupportedImageError
from model.images.orientation import orientation, upright
from model.images.pixels import is_deep, pixels_of, take_low_bytes
from model.images.tiff import refuse_misread, tile_pixels
from model.images.whole import png_is_whole, tiff_is_whole
from model.modality import MAX_SIDE
from model.quoting import quoted

FORMATS = "PNG, JPEG, BMP or TIFF"
MAX_PIXELS = MAX_SIDE**2
MAX_BYTES = 512 << 20
_DECODERS: dict[bytes, tuple[str, type[ImageFile]]] = {
    b"\x89PNG\r\n\x1a\n": ("PNG", PngImageFile),
    b"\xff\xd8\xff": ("JPEG", JpegImageFile),
    b"BM": ("BMP", BmpImageFile),
    b"II*\x00": ("TIFF", TiffImageFile),
    b"MM\x00*": ("TIFF", TiffImageFile),
    b"II+\x00": ("TIFF", TiffImageFile),
    b"MM\x00+": ("TIFF", TiffImageFile),
}
# The decoder warns of odd metadata, which nothing here reads; what is wrong with pixels it raises.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


@dataclass(frozen=True)
class EncodedImage:
    """An image whose header was read: its format, and its size as stored, before it is turned upright."""

    raw: bytes
    format: str
    height: int
    width: int

    def pixels(self) -> NDArray[Any]:
        """Decode to [H, W, C], uint8 or uint16, C 1 (grey) or 3 (red, green, blue), turned upright as EXIF says.

        Raises:
            UnreadableImageError: damaged or cut short.
            UnsupportedImageError: its values have no set meaning here.
        """
        with _damage_told(self.format):
            if self.format == "PNG":  # whose decoder passes over checksums
                _opened(self.raw).verify()
            image = _opened(self.raw)
            if (self.format == "PNG" and not png_is_whole(self.raw)) or (
                isinstance(image, TiffImageFile) and not tiff_is_whole(image)
            ):
                raise ValueError("it holds fewer rows than its header says")
            low = take_low_bytes(_opened(self.raw)) if is_deep(image) else None
            return upright(pixels_of(image, low), orientation(image))


def open_image(raw: bytes) -> EncodedImage:
    """Read an image's header.

    Raises:
        UnreadableImageError: no image of a format taken here, or a damaged one.
        UnsupportedImageError: several pages, or an animation.
        ImageTooLargeError: more bytes or pixels than are read.
    """
    if len(raw) > MAX_BYTES:
        raise ImageTooLargeError(f"an image may have {MAX_BYTES:,} bytes, found {len(raw):,}")
    name = next((name for start, (name, _) in _DECODERS.items() if raw.startswith(start)), None)
    if name is None:
        found = f"bytes that begin with {quoted(raw[:8])}" if raw else "no bytes at all"
        raise UnreadableImageError(f"expected a {FORMATS} image, found {found}")
    with _damage_told(name):
        image = _opened(raw)
        width, height = image.size
        largest = width * height
        if isinstance(image, TiffImageFile):
            refuse_misread(image)
            largest = max(largest, tile_pixels(image))
        several = getattr(image, "is_animated", False)
    if largest > MAX_PIXELS:
        raise ImageTooLargeError(f"an image may have {MAX_PIXELS:,} pixels, found {height:,} x {width:,}")
    if several:
        raise UnsupportedImageError(f"expected one image, found a {name} of several pages or frames")
    return EncodedImage(raw, name, height, width)


def _opened(raw: bytes) -> ImageFile:
    # The classes themselves: Image.open would try other formats, and looks at the size after its own, global, limit.
    decoder = next(decoder for start, (_, decoder) in _DECODERS.items() if raw.startswith(start))
    return decoder(io.BytesIO(raw))


@contextmanager
def _damage_told(name: str) -> Iterator[None]:
    """Tell what a decoder raises on damaged input, whose fields it believes for a while, as that."""
    try:
        yield
    except UnsupportedImageError:
        raise
    except (
        *(OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError, AttributeError),
        *(struct.error, zlib.error),
    ) as error:
        raise UnreadableImageError(f"a damaged {name}: {quoted(str(error) or type(error).__name__)}") from error
