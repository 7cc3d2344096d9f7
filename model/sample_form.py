"""What one sample is as an array, and what a set of them offers. B: batch, T: steps, F: features or channels.

A row of features is [F], a window of a time series [T, F], an image [H, W, C].
"""

import math
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

SampleType = Literal["float64", "uint8", "uint16"]
IMAGE_DIMENSIONS = 3


class SampleSet(Protocol):
    """Samples that need not be held in memory: arrays are sets of samples, and so is what reads them when asked."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice | NDArray[np.intp], /) -> NDArray[Any]:
        """Return samples [n, *shape] by a slice or by their numbers."""
        ...


@dataclass(frozen=True)
class SampleForm:
    """Shape and element type of a sample, in raw units: values are float64, pixels uint8 or uint16.

    ``rebuilt`` says whether the detector reconstructs samples; one that only sees features of an image does not.
    """

    shape: tuple[int, ...]
    dtype: SampleType = "float64"
    rebuilt: bool = True

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def contribution_shape(self) -> tuple[int, ...]:
        """Return the shape of a sample's contributions: its own; of an image a value for each pixel, [H, W]."""
        return self.shape[:2] if len(self.shape) == IMAGE_DIMENSIONS else self.shape

    def chunk(self, most: int) -> int:
        """Say how many samples to take at once: ``most`` rows of features, fewer of what is larger."""
        return max(1, min(most, CHUNK_VALUES // self.size)) if len(self.shape) > 1 else most


CHUNK_VALUES = 1 << 18  # a run's activations are a multiple of its input: some megabytes, whatever a sample is
