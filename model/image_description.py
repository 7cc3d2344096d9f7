"""What an image looks like around each of its places: how strongly it changes, in which direction, at which scale.

B: batch, C: colours, H, W: working sides, K: features, h, w: cells, the places that are described.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

ORIENTATIONS = 6
FILTER_SIDE = 5
# Below this the response of a filter to standardised pixels is noise, which the square root would magnify.
QUIET = 1e-3


class DescriptionGraph(nn.Module):
    """x [B, C, H, W], standardised -> description [B, K, h, w].

    Filters of odd and even symmetry answer to edges and lines; the size of their answers, averaged and greatest over a
    cell, tells a structure and not where in the cell it lies, as in a scattering transform (Bruna and Mallat, Invariant
    Scattering Convolution Networks, 2013) or a histogram of gradients. Each scale halves the image. Square roots
    make equal what is equally many times as strong as usual; the mean colours of a cell close the list.
    """

    filters: Tensor

    def __init__(self, colours: int, cell: int) -> None:
        super().__init__()
        self.colours, self.cell, self.scales = colours, cell, int(math.log2(cell))
        self.register_buffer("filters", _filters())

    @property
    def feature_count(self) -> int:
        return 2 * len(self.filters) * self.scales + self.colours

    def forward(self, x: Tensor) -> Tensor:
        features, image, cell = [], x, self.cell
        for scale in range(self.scales):
            strength = self._strength(image)
            features += [functional.avg_pool2d(strength, cell), functional.max_pool2d(strength, cell)]
            if scale + 1 < self.scales:
                image, cell = functional.avg_pool2d(image, 2), cell // 2
        changes = (torch.cat(features, dim=1) + QUIET).sqrt()
        return torch.cat([changes, functional.avg_pool2d(x, self.cell)], dim=1)

    def _strength(self, image: Tensor) -> Tensor:
        """Return the size of each filter's answer [B, filters, H, W], averaged over colours."""
        beyond = FILTER_SIDE // 2
        rows = torch.cat([image[:, :, :1]] * beyond + [image] + [image[:, :, -1:]] * beyond, dim=2)
        widened = torch.cat([rows[..., :1]] * beyond + [rows] + [rows[..., -1:]] * beyond, dim=3)
        answers = [
            functional.conv2d(widened[:, colour : colour + 1], self.filters).abs() for colour in range(self.colours)
        ]
        total = answers[0]
        for answer in answers[1:]:
            total = total + answer
        return total / self.colours


def _filters() -> Tensor:
    """Return first and second derivatives of a Gaussian along each direction [2 * directions, 1, side, side]."""
    steps = torch.arange(FILTER_SIDE, dtype=torch.float64) - FILTER_SIDE // 2
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    gaussian = torch.exp(-(x.square() + y.square()) / 2)
    filters = []
    for number in range(ORIENTATIONS):
        angle = math.pi * number / ORIENTATIONS
        along = x * math.cos(angle) + y * math.sin(angle)
        filters += [along * gaussian, (1 - along.square()) * gaussian]
    kernels = torch.stack(filters)[:, None]
    kernels = kernels - kernels.mean(dim=(2, 3), keepdim=True)
    return (kernels / kernels.abs().sum(dim=(2, 3), keepdim=True)).float()
