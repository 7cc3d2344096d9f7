"""A backbone's features of an image: of each place on a common grid, and of the image as a whole.

B: batch, H, W, C: the image, S: the backbone's field, P = G * G: places of the grid, F: features of all layers together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.backbone import BackboneNetwork
from model.interpolation import interpolation_matrix

FINEST_GRID = 32  # places along a side: what is finer repeats itself, and a place's network runs for every one
EIGHT_BITS = 255.0


@dataclass(frozen=True)
class Intake:
    """How the backbone wants its pixels: the order of channels, and per channel what is subtracted and divided by."""

    field: int
    bgr: bool
    mean: tuple[float, ...]
    scale: tuple[float, ...]


class FeatureMaps(nn.Module):
    """x [B, H, W, C] -> features of places [B * P, F] on a common grid, image descriptor [B, F] float64."""

    rows: Tensor
    columns: Tensor
    colour: Tensor
    offset: Tensor

    def __init__(self, backbone: BackboneNetwork, intake: Intake, shape: tuple[int, ...], bits: int) -> None:
        super().__init__()
        height, width, channels = shape
        self.backbone, self.height, self.width = backbone, height, width
        field = intake.field
        self.register_buffer("rows", interpolation_matrix(height, field))
        self.register_buffer("columns", interpolation_matrix(width, field).T.contiguous())
        order = torch.eye(3).flip(0) if intake.bgr else torch.eye(3)
        channel = torch.ones(3, 1) if channels == 1 else order
        scale = torch.tensor(intake.scale).expand(3)
        whole = EIGHT_BITS if bits == 8 else EIGHT_BITS * 257
        self.register_buffer("colour", (channel * (EIGHT_BITS / whole) / scale[:, None])[:, :, None, None])
        self.register_buffer("offset", (-torch.tensor(intake.mean).expand(3) / scale).contiguous())
        with torch.no_grad():
            layers = backbone(torch.zeros(1, 3, field, field))
        self.widths, self.sizes = [layer.shape[1] for layer in layers], [layer.shape[-1] for layer in layers]
        self.grid = max((size for size in self.sizes if size <= FINEST_GRID), default=min(self.sizes))
        for number, size in enumerate(self.sizes):
            self.register_buffer(f"to_grid_{number}", interpolation_matrix(size, self.grid))
            self.register_buffer(f"to_grid_{number}_across", interpolation_matrix(size, self.grid).T.contiguous())

    def pixels(self, x: Tensor) -> Tensor:
        """Return what the backbone takes [B, 3, S, S]."""
        image = x.to(self.colour.dtype).permute(0, 3, 1, 2)
        return functional.conv2d(self.rows @ image @ self.columns, self.colour, self.offset)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        layers = self.backbone(self.pixels(x))
        return self.places(layers), descriptor(layers)

    def places(self, layers: Sequence[Tensor]) -> Tensor:
        """Bring local means of every layer to the common grid: [B * P, F]."""
        maps = []
        for number, layer in enumerate(layers):
            local = functional.avg_pool2d(layer, 3, 1, 1, count_include_pad=False)
            if self.sizes[number] != self.grid:
                down, across = self.get_buffer(f"to_grid_{number}"), self.get_buffer(f"to_grid_{number}_across")
                local = down @ local @ across
            maps.append(local)
        stacked = torch.cat(maps, dim=1)
        return stacked.permute(0, 2, 3, 1).reshape(-1, stacked.shape[1])


def descriptor(layers: Sequence[Tensor]) -> Tensor:
    """Return the mean of each feature over the image [B, F], float64."""
    means = []
    for layer in layers:
        flat = layer.reshape(-1, layer.shape[1], layer.shape[2] * layer.shape[3]).double()
        count = flat.shape[2]
        # A product, not a sum: see ``ScorerGraph``.
        means.append((flat @ torch.full((count, 1), 1 / count, dtype=torch.float64)).squeeze(2))
    return torch.cat(means, dim=1)
