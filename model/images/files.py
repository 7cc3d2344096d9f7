"""Image files: which there are, and what one holds."""

from collections.abc import Sequence

from model.errors import InputError
from model.images.decode import MAX_BYTES, open_image
from model.images.errors import ImageTooLargeError
from model.tables.sources import Source, resolve_sources

EXTENSIONS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".bmp": "BMP",
    ".dib": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}


def image_sources(inputs: Sequence[str]) -> list[Source]:
    """Find the image files that ``inputs`` name: files, directories, globs, object-store URLs; see ``resolve_sources``.

    Raises:
        InputError: an input names nothing, or no image.
    """
    return resolve_sources(inputs, tuple(EXTENSIONS))


def read_bytes(source: Source) -> bytes:
    """Read one image file whole, never more of it than an image may have.

    Raises:
        ImageTooLargeError: it has more bytes.
        InputError: it cannot be read.
    """
    try:
        with source.filesystem.open_input_stream(source.path, compression=None) as stream:
            raw = bytes(stream.read(MAX_BYTES + 1))
    except OSError as error:
        raise InputError(f"{source}: cannot be read: {error}") from error
    if len(raw) > MAX_BYTES:
        raise ImageTooLargeError(f"an image may have {MAX_BYTES:,} bytes, found more")
    return raw


def misnamed(source: Source, raw: bytes) -> str | None:
    """Say so where a readable image is of another format than its name tells; the content decides."""
    found, told = open_image(raw).format, EXTENSIONS[source.extension]
    return None if found == told else f"{source}: is a {found} by its content, and read as one"
