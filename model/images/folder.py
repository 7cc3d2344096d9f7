"""Images in files as a set of samples: looked at once, then decoded when asked for, so that no set need fit in memory."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.images.errors import ImageError
from model.images.files import read_bytes
from model.images.reader import ImageReader
from model.tables.sources import Source

WORKERS = min(os.cpu_count() or 1, 8)  # decoding lets other threads run


class ImageFolder:
    """Samples [n, H, W, C] from image files, by a slice or by numbers, decoded anew each time."""

    def __init__(self, sources: Sequence[Source], reader: ImageReader) -> None:
        self._sources, self._reader = list(sources), reader

    def __len__(self) -> int:
        return len(self._sources)

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> NDArray[Any]:
        wanted = np.arange(len(self._sources))[rows]
        geometry = self._reader.geometry
        samples = np.empty((wanted.size, *geometry.shape), geometry.dtype)
        with ThreadPoolExecutor(WORKERS) as pool:
            for place, pixels in enumerate(pool.map(self._decode, wanted.tolist())):
                samples[place] = pixels
        return samples

    def _decode(self, row: int) -> NDArray[Any]:
        source = self._sources[row]
        try:
            return self._reader.read(read_bytes(source))
        except ImageError as error:
            raise InputError(f"{source}: was a good image when the run began, and now: {error}") from error
