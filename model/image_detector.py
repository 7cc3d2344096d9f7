"""The pixel VAE's graphs, from raw pixels to score and heat map, in torch.

B: batch, H, W, C: rows, columns and colours of the image, Z: latent size, K: features of a place, h, w: cells of the image,
G: tiles of an image, D: values of a tile's description, A: axes of the clean subspace.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from model.image_description import DescriptionGraph
from model.image_plan import ImagePlan
from model.image_vae import ImageVAE
from model.interpolation import heat_matrix, interpolation_matrix


@dataclass(frozen=True)
class Pixels:
    """What clean pixels are like: ``location`` and ``scale`` of each colour [C], in raw pixel values."""

    location: Tensor
    scale: Tensor


@dataclass(frozen=True)
class CleanLook:
    """What is known of clean descriptions d: (d - centre) / spread lies along ``axes`` [D, A], and about ``left`` [K] beside.

    ``centre`` and ``spread`` are [D]. That is probabilistic PCA, the linear VAE whose optimum is known (Lucas et al., Don't
    Blame the ELBO, 2019). All float32.
    """

    centre: Tensor
    spread: Tensor
    axes: Tensor
    left: Tensor


class StandardiseGraph(nn.Module):
    """x [B, H, W, C], raw -> standardised [B, C, H, W]."""

    location: Tensor
    scale: Tensor

    def __init__(self, pixels: Pixels) -> None:
        super().__init__()
        self.register_buffer("location", pixels.location[:, None, None])
        self.register_buffer("scale", pixels.scale[:, None, None])

    def forward(self, x: Tensor) -> Tensor:
        return (x.to(self.location.dtype).permute(0, 3, 1, 2) - self.location) / self.scale


class ResizeGraph(nn.Module):
    """x [B, C, *before] -> [B, C, *after], by a product along each side."""

    rows: Tensor
    columns: Tensor

    def __init__(self, before: tuple[int, int], after: tuple[int, int]) -> None:
        super().__init__()
        self.same = before == after
        self.register_buffer("rows", interpolation_matrix(before[0], after[0]))
        self.register_buffer("columns", interpolation_matrix(before[1], after[1]).T.contiguous())

    def forward(self, x: Tensor) -> Tensor:
        return x if self.same else self.rows @ (x @ self.columns)


class WholeGraph(nn.Module):
    """x [B, H, W, C], raw -> the image as the VAE takes it [B, C, h, w]."""

    def __init__(self, plan: ImagePlan, pixels: Pixels) -> None:
        super().__init__()
        self.standardise = StandardiseGraph(pixels)
        self.shrink = ResizeGraph((plan.height.pixels, plan.width.pixels), (plan.height.whole, plan.width.whole))

    def forward(self, x: Tensor) -> Tensor:
        whole: Tensor = self.shrink(self.standardise(x))
        return whole


class TilesGraph(nn.Module):
    """x [B, H, W, C], raw -> descriptions of the tiles [B, G, D].

    Filters run over the whole image before it is cut: at a seam they see what lies beyond it.
    """

    def __init__(self, plan: ImagePlan, pixels: Pixels) -> None:
        super().__init__()
        self.plan = plan
        high, wide = plan.height, plan.width
        self.standardise = StandardiseGraph(pixels)
        working = (high.tiles * high.working, wide.tiles * wide.working)
        self.shrink = ResizeGraph((high.pixels, wide.pixels), working)
        self.describe = DescriptionGraph(plan.colours, plan.cell)

    def forward(self, x: Tensor) -> Tensor:
        described = self.describe(self.shrink(self.standardise(x)))
        (down, across), (rows, columns) = (self.plan.height.tiles, self.plan.width.tiles), self.plan.tile_cells
        features = self.describe.feature_count
        tiles = described.reshape(-1, features, down, rows, across, columns).permute(0, 2, 4, 1, 3, 5)
        flat: Tensor = tiles.reshape(-1, down * across, features * rows * columns)
        return flat


class ImageEncoderGraph(nn.Module):
    """x [B, H, W, C], raw -> latent mean [B, Z], log variance [B, Z], float64."""

    def __init__(self, vae: ImageVAE, plan: ImagePlan, pixels: Pixels) -> None:
        super().__init__()
        self.whole, self.vae = WholeGraph(plan, pixels), vae

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        posterior = self.vae.posterior(self.whole(x))
        return posterior.mean.double(), posterior.log_variance.double()


class ImageDecoderGraph(nn.Module):
    """z [B, Z], float64 -> reconstruction [B, H, W, C], float64, in raw pixel values."""

    location: Tensor
    scale: Tensor

    def __init__(self, vae: ImageVAE, plan: ImagePlan, pixels: Pixels) -> None:
        super().__init__()
        self.vae = vae
        self.enlarge = ResizeGraph((plan.height.whole, plan.width.whole), (plan.height.pixels, plan.width.pixels))
        self.register_buffer("location", pixels.location.double())
        self.register_buffer("scale", pixels.scale.double())

    def forward(self, z: Tensor) -> Tensor:
        return self.as_pixels(self.vae.decode(z.to(self.vae.free_log_noise.dtype)))

    def as_pixels(self, whole: Tensor) -> Tensor:
        """Bring what the VAE decodes [B, C, h, w] to the image's size and units."""
        enlarged: Tensor = self.enlarge(whole)
        pixels: Tensor = enlarged.permute(0, 2, 3, 1).double() * self.scale + self.location
        return pixels


class ImageScorerGraph(nn.Module):
    """x [B, H, W, C], raw -> score [B], reconstruction [B, H, W, C], heat map [B, H, W], float64.

    A cell's deviation is the squared error of its description, which clean axes do not rebuild, in units of what it is on
    clean images. The score is the fourth root of the mean squared deviation: a fault in few cells counts, and so does one
    that is weak but everywhere. The VAE's own error in pixels takes no part: where light or texture varies it is larger
    between clean images than most faults make it. The VAE says what the image should have been.
    """

    centre: Tensor
    spread: Tensor
    axes: Tensor
    weights: Tensor
    heat_rows: Tensor
    heat_columns: Tensor
    mean_of_cells: Tensor

    def __init__(self, vae: ImageVAE, plan: ImagePlan, pixels: Pixels, look: CleanLook) -> None:
        super().__init__()
        self.plan = plan
        self.encoder, self.decoder = ImageEncoderGraph(vae, plan, pixels), ImageDecoderGraph(vae, plan, pixels)
        self.tiles = TilesGraph(plan, pixels)
        rows, columns = plan.cells
        self.register_buffer("centre", look.centre)
        self.register_buffer("spread", look.spread)
        self.register_buffer("axes", look.axes)
        # Means over features are products too: sums add up in an order that depends on where a row lies in memory.
        self.register_buffer("weights", (1 / (len(look.left) * look.left.square()))[None, :])
        self.register_buffer("heat_rows", heat_matrix(rows, plan.height.pixels))
        self.register_buffer("heat_columns", heat_matrix(columns, plan.width.pixels).T.contiguous())
        count = rows * columns
        self.register_buffer("mean_of_cells", torch.full((1, count), 1 / count, dtype=torch.float64))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        rebuilt = self.encoder.vae.decode(self.encoder.vae.posterior(self.encoder.whole(x)).mean)
        cells = self._deviation(self.tiles(x)).double()
        powers = cells.square().reshape(-1, self.mean_of_cells.shape[1], 1)
        score = (self.mean_of_cells @ powers).sqrt().sqrt().reshape(-1)
        heat = self.heat_rows @ (cells.sqrt() @ self.heat_columns)
        return score, self.decoder.as_pixels(rebuilt), heat

    def _deviation(self, tiles: Tensor) -> Tensor:
        """Return what clean axes do not rebuild of descriptions [B, G, D], of each cell [B, h, w]."""
        # Axes come first in every product: each image is one product of its own, the same in whatever batch.
        deviation = ((tiles - self.centre) / self.spread).unsqueeze(3)
        residual = deviation - self.axes @ (self.axes.T @ deviation)
        (down, across), (rows, columns) = (self.plan.height.tiles, self.plan.width.tiles), self.plan.tile_cells
        squares = residual.square().reshape(-1, down * across, self.weights.shape[1], rows * columns)
        cells = (self.weights @ squares).reshape(-1, down, across, rows, columns)
        return cells.permute(0, 1, 3, 2, 4).reshape(-1, down * rows, across * columns)
