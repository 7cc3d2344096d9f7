"""What a TIFF's tags may say that the decoder at hand would get wrong, or that costs more than the image's size tells."""

from PIL.TiffImagePlugin import TiffImageFile

from model.images.errors import UnsupportedImageError

BITS, PHOTOMETRIC, PLANES, TILE_WIDTH, TILE_LENGTH = 258, 262, 284, 322, 323
WHITE_IS_ZERO, SEPARATE = 0, 2


def tile_pixels(image: TiffImageFile) -> int:
    """Return the pixels of a tile, for which room is made whatever the image's own size."""
    return int(image.tag_v2.get(TILE_WIDTH, 0)) * int(image.tag_v2.get(TILE_LENGTH, 0))


def refuse_misread(image: TiffImageFile) -> None:
    """Check that values will be read as the tags mean them.

    Raises:
        UnsupportedImageError: 16-bit values in separate planes, or counted from white to black.
    """
    tags = image.tag_v2
    if max(tags.get(BITS, (1,))) <= 8:
        return
    if tags.get(PLANES) == SEPARATE and image.mode != "I;16":
        raise UnsupportedImageError("expected 16-bit colours pixel by pixel, found a TIFF with a plane for each colour")
    if tags.get(PHOTOMETRIC) == WHITE_IS_ZERO:
        raise UnsupportedImageError(
            "expected 16-bit values that grow with brightness, found a TIFF in which zero is white"
        )
