"""The detector on a backbone's features, from pixels to score and heat map, as a graph in torch.

B: batch, H, W, C: the image, G: side of the grid of places, F: features of a place and of an image, A: axes of a place's
features, Z: latent size, N: clean images that are kept.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from model.feature_maps import FeatureMaps
from model.interpolation import heat_matrix
from model.neighbourhood import compressed
from model.vae import VAE

NEAR = 0.1  # clean images lie one from their centre; so near one of them, differences are rounding of the network
UPPER_SHARE = 0.01  # of the heat map, whose mean is the score of places


@dataclass(frozen=True)
class Places:
    """What is known of clean places: features (f - centre) @ axes are reconstructed by ``vae``; its deviation is whitened.

    ``centre`` [F], ``axes`` [F, A]; the deviation, [residual, latent mean], is (d - usual) @ whitening, float32, with
    ``usual`` [A + Z] and ``whitening`` [A + Z, A + Z].
    """

    vae: VAE
    centre: Tensor
    axes: Tensor
    usual: Tensor
    whitening: Tensor


@dataclass(frozen=True)
class Descriptors:
    """What is known of clean images as wholes: (compressed(v * gain) - centre) @ whitening, near one of ``images`` [N, F].

    ``v`` [F] is the mean of each feature over the image. ``reach`` [N] is how far one may be from each: the square root of
    how thin clean images lie there, as in ``model.neighbourhood``. All float64.
    """

    gain: Tensor
    centre: Tensor
    whitening: Tensor
    images: Tensor
    reach: Tensor


@dataclass(frozen=True)
class Units:
    """What a clean image's score of places and of the whole vary by: either counts in units of this."""

    places: float
    whole: float


class PlacesGraph(nn.Module):
    """features of places [N, F] -> how far each deviates [N]."""

    centre: Tensor
    axes: Tensor
    usual: Tensor
    whitening: Tensor
    ones: Tensor

    def __init__(self, places: Places) -> None:
        super().__init__()
        self.vae = places.vae
        self.register_buffer("centre", places.centre)
        self.register_buffer("axes", places.axes)
        self.register_buffer("usual", places.usual)
        self.register_buffer("whitening", places.whitening)
        self.register_buffer("ones", torch.full((len(places.usual), 1), 1 / len(places.usual)))

    def deviation(self, features: Tensor) -> Tensor:
        """Return residual and latent mean [N, A + Z]."""
        values = (features - self.centre) @ self.axes
        mean = self.vae.posterior(values).mean
        return torch.cat([values - self.vae.decode(mean), mean], dim=1)

    def forward(self, features: Tensor) -> Tensor:
        whitened = (self.deviation(features) - self.usual) @ self.whitening
        return (whitened.square() @ self.ones).sqrt().squeeze(1)


class WholeGraph(nn.Module):
    """descriptor [B, F] -> distance to the nearest clean image [B], in units of its reach, float64."""

    gain: Tensor
    centre: Tensor
    whitening: Tensor
    towards: Tensor
    inverse: Tensor
    bias: Tensor
    ones: Tensor

    def __init__(self, descriptors: Descriptors) -> None:
        super().__init__()
        self.register_buffer("gain", descriptors.gain)
        self.register_buffer("centre", descriptors.centre)
        self.register_buffer("whitening", descriptors.whitening)
        inverse = descriptors.reach**-2
        self.register_buffer("towards", (-2 * descriptors.images * inverse[:, None]).T.contiguous())
        self.register_buffer("inverse", inverse[None, :].contiguous())
        self.register_buffer("bias", descriptors.images.square().sum(dim=1) * inverse)
        self.register_buffer("ones", torch.ones(descriptors.whitening.shape[1], 1, dtype=torch.float64))

    def forward(self, means: Tensor) -> Tensor:
        place = (compressed(means * self.gain) - self.centre) @ self.whitening
        squares = (place.square() @ self.ones) @ self.inverse + place @ self.towards + self.bias
        nearest: Tensor = squares.topk(1, dim=1, largest=False).values.clamp(min=0)
        return (nearest + NEAR**2).sqrt().squeeze(1)


class FeatureScorerGraph(nn.Module):
    """x [B, H, W, C] -> score [B], contribution [B, H, W], both float64.

    The score is the sum of two: how far the image as a whole lies from the nearest clean one, and the mean of the upper
    part of its places' deviations, each in units of its spread on clean images. The contribution is the smoothed map of
    the places' deviations.
    """

    down: Tensor
    across: Tensor
    share: Tensor

    def __init__(self, features: FeatureMaps, places: Places, descriptors: Descriptors, units: Units) -> None:
        super().__init__()
        self.features, self.places, self.whole = features, PlacesGraph(places), WholeGraph(descriptors)
        self.units = units
        grid = features.grid
        self.upper = max(1, round(UPPER_SHARE * grid * grid))
        self.register_buffer("down", heat_matrix(grid, features.height))
        self.register_buffer("across", heat_matrix(grid, features.width).T.contiguous())
        self.register_buffer("share", torch.full((self.upper, 1), 1 / self.upper, dtype=torch.float64))

    def parts(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the score of places [B], of the whole [B] and the map [B, G, G], float64."""
        grid = self.features.grid
        places, means = self.features(x)
        deviations = self.places(places).double().reshape(-1, grid * grid)
        upper = deviations.topk(self.upper, dim=1).values @ self.share
        return upper.squeeze(1), self.whole(means), deviations.reshape(-1, grid, grid)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        upper, whole, deviations = self.parts(x)
        return upper / self.units.places + whole / self.units.whole, self.down @ deviations @ self.across
