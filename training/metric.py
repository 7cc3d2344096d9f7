"""What is known of clean residuals: the metric in which a sample's deviation is measured."""

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf
from torch import Tensor

from model.detector import Metric, Standardiser
from model.manifest import ScoreKind
from model.vae import VAE
from training.standardise import standardised

# A residual spread below this part of the feature's own is rounding of the network, not knowledge about the process.
SPREAD_FLOOR = 1e-3


def fit_metric(vae: VAE, standardiser: Standardiser, clean: NDArray[np.float64], kind: ScoreKind) -> Metric:
    """Estimate centre and whitening of the scored vector from ``clean`` rows [N, F] in engineering units.

    ``l2``: the plain squared error. ``standardized``: each residual by its own spread. ``mahalanobis``: residuals by
    their full covariance. ``joint``: residuals and latent mean by their full covariance. Covariances are shrunk on the
    correlation scale (Ledoit and Wolf, 2004), so that features with small residuals keep their scale.
    """
    residual, latent = clean_residuals(vae, standardiser, clean)
    vectors = torch.cat([residual, latent], dim=1) if kind == "joint" else residual
    size = vectors.shape[1]
    if kind == "l2":
        return Metric(torch.zeros(size, dtype=torch.float64), torch.eye(size, dtype=torch.float64))
    centre = vectors.mean(dim=0)
    spread = vectors.std(dim=0).clamp(min=SPREAD_FLOOR)
    if kind == "standardized":
        return Metric(centre, torch.diag(1 / spread))
    correlation = LedoitWolf(assume_centered=True).fit(((vectors - centre) / spread).numpy()).covariance_
    values, axes = np.linalg.eigh(correlation)
    inverse_root = axes @ np.diag(1 / np.sqrt(np.maximum(values, SPREAD_FLOOR**2))) @ axes.T
    return Metric(centre, torch.from_numpy(inverse_root) / spread[:, None])


@torch.no_grad()
def clean_residuals(vae: VAE, standardiser: Standardiser, x: NDArray[np.float64]) -> tuple[Tensor, Tensor]:
    """Return standardised residuals [N, F] and latent means [N, Z] of rows ``x`` [N, F], both float64."""
    inputs = standardised(x, standardiser)
    means = torch.cat([vae.posterior(part).mean for part in inputs.split(8192)])
    reconstruction = torch.cat([vae.decode(part) for part in means.split(8192)]).double()
    values = (torch.from_numpy(x) - standardiser.location) / standardiser.scale
    return values - reconstruction, means.double()
