"""At which sizes an image is looked at: in whole by the VAE, in tiles by the description. All follows from its size."""

from dataclasses import dataclass
from typing import Self

from model.image_vae import SIDE_MULTIPLE

WHOLE_SIDE = 64  # the VAE sees no more pixels along a side
TILE_SIDE = 256  # about so many pixels of a side make a tile
WORKING_SIDE = 128  # a tile is described at no more pixels along a side
COARSE_CELLS_FROM, CELLS_FROM = 96, 16


@dataclass(frozen=True)
class Side:
    """One side of an image: ``whole`` pixels for the VAE; ``tiles`` of ``working`` pixels each for the description."""

    pixels: int
    whole: int
    tiles: int
    working: int

    @classmethod
    def of(cls, pixels: int, cell: int) -> Self:
        tiles = max(1, round(pixels / TILE_SIDE))
        whole = max(_multiple(min(pixels, WHOLE_SIDE), SIDE_MULTIPLE), SIDE_MULTIPLE)
        return cls(pixels, whole, tiles, max(_multiple(min(pixels // tiles, WORKING_SIDE), cell), cell))


@dataclass(frozen=True)
class ImagePlan:
    """The sizes for images [height.pixels, width.pixels, colours]; a ``cell`` is the place that a description is of."""

    height: Side
    width: Side
    colours: int
    cell: int

    @classmethod
    def of(cls, height: int, width: int, colours: int) -> Self:
        smaller = min(height, width)
        cell = 8 if smaller >= COARSE_CELLS_FROM else 4 if smaller >= CELLS_FROM else 2
        return cls(Side.of(height, cell), Side.of(width, cell), colours, cell)

    @property
    def tile_cells(self) -> tuple[int, int]:
        """Rows and columns of cells in a tile."""
        return self.height.working // self.cell, self.width.working // self.cell

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns of cells in the whole image."""
        rows, columns = self.tile_cells
        return self.height.tiles * rows, self.width.tiles * columns


def _multiple(size: int, of: int) -> int:
    return size // of * of
