"""Arrays of images in NPY and NPZ files: [N, H, W] or [N, H, W, C], uint8 or uint16, as a set of samples."""

import hashlib
import io
import math
import zipfile
import zlib
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyarrow import fs

from model.errors import InputError
from model.images.geometry import COLOUR, GREY, ImageGeometry
from model.images.image_set import ImageSet
from model.images.reader import ImageReader
from model.images.resize import resize as resized_to
from model.quoting import quoted
from model.tables.sources import Source, resolve_sources

EXTENSIONS = (".npy", ".npz")
IMAGES = "X"
MAX_BYTES = 1 << 30  # of an array that has to be held whole: one in an NPZ file, or not on this machine
_HASHED_ROWS = 64


class ResizedStack:
    """Samples [n, H, W, C] from an array of images of another size, resized when asked for."""

    def __init__(self, images: NDArray[Any], geometry: ImageGeometry) -> None:
        self._images, self._geometry = images, geometry

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> NDArray[Any]:
        images, geometry = self._images[rows], self._geometry
        samples = np.empty((len(images), *geometry.shape), geometry.dtype)
        for row, image in enumerate(images):
            samples[row] = resized_to(image, geometry.height, geometry.width)
        return samples


def read_array(name: str, resize: tuple[int, int] | None = None, reader: ImageReader | None = None) -> ImageSet:
    """Read the images of one NPY or NPZ file; an NPY file on this machine stays there and is read piece by piece.

    Raises:
        InputError: not an array of images, or of another geometry than ``reader`` wants.
    """
    sources = resolve_sources([name], EXTENSIONS)
    if len(sources) > 1:
        raise InputError(f"{name}: expected one file with an array of images, found {len(sources)}")
    source = sources[0]
    images = _as_images(source, _load(source))
    geometry = found = ImageGeometry.of(images[0])
    if reader is None:
        if resize is not None:
            geometry = ImageGeometry(*resize, found.channels, found.bits)
        reader = ImageReader(geometry, resize is not None)
    elif not reader.takes(found):
        raise InputError(f"{source}: expected images of {reader.geometry}, found {found} (height x width)")
    samples = images if found == reader.geometry else ResizedStack(images, reader.geometry)
    return ImageSet(
        samples=samples,
        reader=reader,
        place=tuple(f"{source} image {number}" for number in range(1, len(images) + 1)),
        fingerprint=_fingerprint(images),
        sources=(str(source),),
    )


def _load(source: Source) -> NDArray[Any]:
    try:
        if source.extension == ".npy" and isinstance(source.filesystem, fs.LocalFileSystem):
            return np.asanyarray(np.load(source.path, mmap_mode="r", allow_pickle=False))
        with source.filesystem.open_input_file(source.path) as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise InputError(
                f"{source}: holds more than {MAX_BYTES:,} bytes; save the images as an NPY file of their own"
            )
        return _member(source, raw) if source.extension == ".npz" else _announced(raw)
    # RuntimeError: an encrypted archive.
    except (
        *(OSError, EOFError, ValueError, SyntaxError, TokenError, TypeError, RuntimeError),
        *(zipfile.BadZipFile, zlib.error),
    ) as error:
        raise InputError(
            f"{source}: not a readable {source.extension[1:].upper()} file: {quoted(str(error))}"
        ) from error


def _member(source: Source, raw: bytes) -> NDArray[Any]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        if f"{IMAGES}.npy" not in archive.namelist():
            raise InputError(f"{source}: expected an array {IMAGES}, found {quoted(sorted(archive.namelist()))}")
        if archive.getinfo(f"{IMAGES}.npy").file_size > MAX_BYTES:
            raise InputError(
                f"{source}: {IMAGES} holds more than {MAX_BYTES:,} bytes; save it as an NPY file of its own"
            )
        with archive.open(f"{IMAGES}.npy") as member:
            return _announced(member.read())


def _announced(raw: bytes) -> NDArray[Any]:
    """Read an array whose header announces as many values as there are, before room is made for them.

    Raises:
        ValueError: it announces others.
    """
    file = io.BytesIO(raw)
    version = np.lib.format.read_magic(file)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read_header(file)
    if math.prod(shape) * dtype.itemsize != len(raw) - file.tell():
        raise ValueError(f"{list(shape)} values of {dtype} are announced, {len(raw) - file.tell():,} bytes follow")
    return np.asarray(np.load(io.BytesIO(raw), allow_pickle=False))


def _as_images(source: Source, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype not in (np.uint8, np.uint16):
        raise InputError(f"{source}: expected pixels of uint8 or uint16, found {array.dtype}")
    images = array[:, :, :, np.newaxis] if array.ndim == 3 else array
    if images.ndim != 4 or images.shape[3] not in (GREY, COLOUR) or 0 in images.shape:
        raise InputError(
            f"{source}: expected images [N, H, W], [N, H, W, 1] or [N, H, W, 3], found {list(array.shape)}"
        )
    return images if images.dtype.isnative else images.astype(images.dtype.newbyteorder("="))


def _fingerprint(images: NDArray[Any]) -> str:
    digest = hashlib.sha256(str((images.shape, str(images.dtype))).encode())
    for start in range(0, len(images), _HASHED_ROWS):
        digest.update(np.ascontiguousarray(images[start : start + _HASHED_ROWS]).tobytes())
    return f"sha256:{digest.hexdigest()}"
