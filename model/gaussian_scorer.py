"""A scorer for clean data that are one Gaussian: the squared Mahalanobis distance, as a graph in torch.

B: batch, F: features. Everything is float64.
"""

import torch
from torch import Tensor, nn


class GaussianScorerGraph(nn.Module):
    """x [B, F] -> score [B], reconstruction [B, F], contribution [B, F].

    The score is ``|| (x - location) / scale @ whitening ||^2`` with P = ``whitening @ whitening.T`` the inverse covariance
    of standardised clean rows. A feature's contribution is how far the score would fall if that reading alone were put
    right, ``(P d)_i^2 / P_ii`` (the reconstruction-based contribution of Alcala and Qin, 2009). The reconstruction is
    what ``autoencoder`` makes of a sample; without one, each reading's conditional mean given all the others.
    """

    location: Tensor
    scale: Tensor
    whitening: Tensor
    precision: Tensor
    lengths: Tensor
    ones: Tensor

    def __init__(
        self, location: Tensor, scale: Tensor, whitening: Tensor, autoencoder: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.autoencoder = autoencoder
        precision = whitening @ whitening.T
        self.register_buffer("location", location)
        self.register_buffer("scale", scale)
        self.register_buffer("whitening", whitening)
        self.register_buffer("precision", precision)
        self.register_buffer("lengths", precision.diagonal().contiguous())
        self.register_buffer("ones", torch.ones(len(location), 1, dtype=torch.float64))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        deviation = (x - self.location) / self.scale
        # A product with ones, not a sum: see ``ScorerGraph``.
        score = ((deviation @ self.whitening).square() @ self.ones).squeeze(1)
        pulled = deviation @ self.precision
        contribution = pulled.square() / self.lengths
        if self.autoencoder is None:
            return score, x - pulled / self.lengths * self.scale, contribution
        reconstruction: Tensor = self.autoencoder(x)
        return score, reconstruction, contribution
