"""What an image's array is: rows, columns, colour channels and bits of a value."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from model.modality import Image
from model.sample_form import SampleType

GREY, COLOUR = 1, 3


@dataclass(frozen=True, order=True)
class ImageGeometry:
    """Shape and depth of an image: [height, width, channels] of values of ``bits``; 1 channel is grey, 3 are red, green, blue."""

    height: int
    width: int
    channels: int
    bits: Literal[8, 16]

    @classmethod
    def of(cls, pixels: NDArray[Any]) -> "ImageGeometry":
        """Tell the geometry of ``pixels`` [H, W, C], uint8 or uint16."""
        height, width, channels = pixels.shape
        return cls(height, width, channels, 8 if pixels.dtype == np.uint8 else 16)

    @classmethod
    def declared(cls, image: Image, channels: int) -> "ImageGeometry":
        """Give the geometry that a manifest asks for."""
        return cls(image.height, image.width, channels, image.bits)

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.height, self.width, self.channels

    @property
    def dtype(self) -> SampleType:
        return "uint8" if self.bits == 8 else "uint16"

    @property
    def colour(self) -> str:
        """Say in words what a pixel is."""
        return f"{'grey' if self.channels == GREY else 'colour'} {self.bits} bit"

    @property
    def bytes(self) -> int:
        return self.height * self.width * self.channels * self.bits // 8

    def __str__(self) -> str:
        return f"{self.height} x {self.width} {self.colour}"
