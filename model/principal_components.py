"""Probabilistic PCA (Tipping and Bishop, 1999) as graphs in torch: a linear encoder, its decoder, and what both make of x.

B: batch, F: features, Z: components. Everything is float64.
"""

import torch
from torch import Tensor, nn


class PcaEncoderGraph(nn.Module):
    """x [B, F] -> posterior mean [B, Z] and log variance [B, Z] of the components.

    ``axes`` [F, Z] are orthonormal, ``variances`` [Z] those of clean standardised rows along them, none below ``noise``,
    the variance in every other direction. The posterior is exact: N((v - noise)^1/2 / v * axis . x, noise / v).
    """

    location: Tensor
    scale: Tensor
    projection: Tensor
    nowhere: Tensor
    uncertainty: Tensor

    def __init__(self, location: Tensor, scale: Tensor, axes: Tensor, variances: Tensor, noise: float) -> None:
        super().__init__()
        self.register_buffer("location", location)
        self.register_buffer("scale", scale)
        self.register_buffer("projection", axes * (variances - noise).sqrt() / variances)
        self.register_buffer("nowhere", torch.zeros_like(axes))
        self.register_buffer("uncertainty", torch.log(noise / variances))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        standardised = (x - self.location) / self.scale
        # The product with zeros gives every sample of the batch the one log variance.
        return standardised @ self.projection, standardised @ self.nowhere + self.uncertainty


class PcaDecoderGraph(nn.Module):
    """z [B, Z] -> reconstruction [B, F] in engineering units, parameters as for ``PcaEncoderGraph``."""

    location: Tensor
    scale: Tensor
    loading: Tensor

    def __init__(self, location: Tensor, scale: Tensor, axes: Tensor, variances: Tensor, noise: float) -> None:
        super().__init__()
        self.register_buffer("location", location)
        self.register_buffer("scale", scale)
        self.register_buffer("loading", (axes * (variances - noise).sqrt()).T.contiguous())

    def forward(self, z: Tensor) -> Tensor:
        return z @ self.loading * self.scale + self.location


class PcaAutoencoder(nn.Module):
    """x [B, F] -> its reconstruction [B, F] from the posterior mean."""

    def __init__(self, encoder: PcaEncoderGraph, decoder: PcaDecoderGraph) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x: Tensor) -> Tensor:
        mean, _ = self.encoder(x)
        reconstruction: Tensor = self.decoder(mean)
        return reconstruction
