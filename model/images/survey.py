"""Looking at every image file once: what can be used, of what geometry, and what the files are to the byte."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.images.decode import open_image
from model.images.errors import ImageError
from model.images.files import image_sources, misnamed, read_bytes
from model.images.folder import WORKERS, ImageFolder
from model.images.geometry import ImageGeometry
from model.images.image_set import ImageSet
from model.images.reader import ImageReader
from model.images.resize import resize as resized_to
from model.tables.sources import Source

CACHE_BYTES = 1 << 30  # a set that fits is kept decoded; a larger one is decoded anew whenever it is asked for


@dataclass(frozen=True)
class _Looked:
    """What one file turned out to be: ``pixels``, or why there are none."""

    source: Source
    digest: bytes
    pixels: NDArray[Any] | None
    fault: str | None
    misnamed: str | None


def survey_clean(inputs: Sequence[str], resize: tuple[int, int] | None, cache_bytes: int = CACHE_BYTES) -> ImageSet:
    """Look at clean images, from which their geometry is learned; ``resize`` (height, width) brings all to one size.

    Raises:
        InputError: no image can be used, or they differ in size (without ``resize``), channels or depth.
    """

    def pixels(raw: bytes) -> NDArray[Any]:
        decoded = open_image(raw).pixels()
        return decoded if resize is None else resized_to(decoded, *resize)

    return _survey(inputs, pixels, lambda geometry: ImageReader(geometry, resize is not None), cache_bytes)


def survey(inputs: Sequence[str], reader: ImageReader, cache_bytes: int = CACHE_BYTES) -> ImageSet:
    """Look at images that must be as ``reader`` wants them; those that are not are rejected.

    Raises:
        InputError: no image can be used.
    """
    return _survey(inputs, reader.read, lambda _: reader, cache_bytes)


def _survey(
    inputs: Sequence[str],
    pixels: Callable[[bytes], NDArray[Any]],
    reader_of: Callable[[ImageGeometry], ImageReader],
    cache_bytes: int,
) -> ImageSet:
    sources = image_sources(inputs)
    digest = hashlib.sha256()
    good: list[Source] = []
    rejected: list[str] = []
    wrong_names: list[str] = []
    found: dict[ImageGeometry, list[str]] = {}
    kept: NDArray[Any] | None = None
    for looked in _in_order(sources, pixels):
        digest.update(looked.digest)
        if looked.pixels is None:
            rejected.append(f"{looked.source}: {looked.fault}")
            continue
        geometry = ImageGeometry.of(looked.pixels)
        if not found and len(sources) * geometry.bytes <= cache_bytes:
            kept = np.empty((len(sources), *geometry.shape), geometry.dtype)
        found.setdefault(geometry, []).append(str(looked.source))
        if kept is not None and len(found) == 1:
            kept[len(good)] = looked.pixels
        good.append(looked.source)
        if looked.misnamed is not None:
            wrong_names.append(looked.misnamed)
    if not good:
        raise InputError(f"{', '.join(inputs)}: expected images that can be used, found none; the first: {rejected[0]}")
    if len(found) > 1:
        raise InputError(_unequal(found))
    reader = reader_of(next(iter(found)))
    return ImageSet(
        samples=ImageFolder(good, reader) if kept is None else kept[: len(good)],
        reader=reader,
        place=tuple(str(source) for source in good),
        fingerprint=f"sha256:{digest.hexdigest()}",
        sources=tuple(str(source) for source in sources),
        rejected=tuple(rejected),
        misnamed=tuple(wrong_names),
    )


def _in_order(sources: Sequence[Source], pixels: Callable[[bytes], NDArray[Any]]) -> Iterator[_Looked]:
    """Look at files in threads, in order, a few ahead."""

    def look(source: Source) -> _Looked:
        try:
            raw = read_bytes(source)
        except ImageError as error:
            return _Looked(source, b"", None, str(error), None)
        digest = hashlib.sha256(raw).digest()
        try:
            return _Looked(source, digest, pixels(raw), None, misnamed(source, raw))
        except ImageError as error:
            return _Looked(source, digest, None, str(error), None)

    with ThreadPoolExecutor(WORKERS) as pool:
        ahead: deque[Future[_Looked]] = deque()
        for source in sources:
            ahead.append(pool.submit(look, source))
            if len(ahead) > WORKERS:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _unequal(found: dict[ImageGeometry, list[str]]) -> str:
    most_common = sorted(found.items(), key=lambda entry: -len(entry[1]))
    shown = "; ".join(f"{geometry} ({len(places):,}, as {places[0]})" for geometry, places in most_common[:5])
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    sizes_alone = len({(geometry.channels, geometry.bits) for geometry in found}) == 1
    advice = (
        "declare [image] resize = [height, width] to bring all to one size"
        if sizes_alone
        else ("grey and colour, 8 and 16 bits are not mixed")
    )
    return f"expected images of one geometry, found {shown}{more} (height x width); {advice}"
