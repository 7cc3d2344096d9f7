"""What is known of clean residuals: the metric in which a sample's deviation is measured."""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.detector import Metric, Standardiser
from model.manifest import ScoreKind
from model.vae import VAE
from training.neighbourhood import fit_neighbourhood
from training.standardise import standardised

# A residual spread below this part of the feature's own is rounding of the network, not knowledge about the process.
SPREAD_FLOOR = 1e-3
RESPONSE_ROWS, RESPONSE_READINGS = 1000, 40_000  # the average over more rows says nothing new; many features take fewer
SHRINKAGES = tuple(float(10**exponent) for exponent in np.linspace(-6, 0, 25))


def fit_metric(
    vae: VAE,
    standardiser: Standardiser,
    train: NDArray[np.float64],
    validation: NDArray[np.float64],
    kind: ScoreKind,
    seed: int,
) -> Metric:
    """Estimate centre and whitening of the scored vector from clean rows [N, F], [M, F] in engineering units.

    ``l2``: the plain squared error. ``standardized``: each residual by its own spread. ``mahalanobis``: residuals by
    their full covariance. ``joint``: residuals and latent mean by their full covariance. ``neighbourhood``: readings and
    residuals by the nearest clean rows, residuals whitened by their full covariance. Correlations are shrunk towards none
    by as much as makes the validation rows likeliest; all rows then enter the estimate.
    """
    parts = []
    for rows in (train, validation):
        residual, latent = clean_residuals(vae, standardiser, rows)
        parts.append(torch.cat([residual, latent], dim=1) if kind == "joint" else residual)
    vectors = torch.cat(parts)
    size = vectors.shape[1]
    response = mean_response(vae, standardiser, validation, kind)
    if kind == "l2":
        return Metric(torch.zeros(size, dtype=torch.float64), torch.eye(size, dtype=torch.float64), response)
    centre = vectors.mean(dim=0)
    spread = vectors.std(dim=0).clamp(min=SPREAD_FLOOR)
    if kind == "standardized":
        return Metric(centre, torch.diag(1 / spread), response)
    train_part, validation_part = (((part - centre) / spread).numpy() for part in parts)
    shrinkage = choose_shrinkage(train_part, validation_part)
    correlation = _shrunk(np.cov(np.vstack([train_part, validation_part]).T).reshape(size, size), shrinkage)
    values, axes = np.linalg.eigh(correlation)
    inverse_root = axes @ np.diag(1 / np.sqrt(np.maximum(values, SPREAD_FLOOR**2))) @ axes.T
    metric = Metric(centre, torch.from_numpy(inverse_root) / spread[:, None], response)
    if kind != "neighbourhood":
        return metric
    readings = [(torch.from_numpy(rows) - standardiser.location) / standardiser.scale for rows in (train, validation)]
    whitened = [(part - centre) @ metric.whitening for part in parts]
    return replace(metric, neighbourhood=fit_neighbourhood(readings, whitened, seed))


@torch.no_grad()
def mean_response(vae: VAE, standardiser: Standardiser, x: NDArray[np.float64], kind: ScoreKind) -> Tensor:
    """Return how far what is scored moves [V, F] when one reading moves by a spread, up and down, averaged over rows."""
    rows = min(RESPONSE_ROWS, max(1, RESPONSE_READINGS // x.shape[1]))
    inputs = standardised(x[:rows], standardiser)
    columns = []
    for feature in range(inputs.shape[1]):
        moved = []
        for shift in (0.5, -0.5):
            shifted = inputs.clone()
            shifted[:, feature] += shift
            mean = vae.posterior(shifted).mean
            residual = shifted - vae.decode(mean)
            moved.append((torch.cat([residual, mean], dim=1) if kind == "joint" else residual).double().mean(dim=0))
        columns.append(moved[0] - moved[1])
    return torch.stack(columns, dim=1)


def choose_shrinkage(train: NDArray[np.float64], validation: NDArray[np.float64]) -> float:
    """Choose the shrinkage of ``train``'s [N, V] correlations under which ``validation`` [M, V] is likeliest."""
    size = train.shape[1]
    values, axes = np.linalg.eigh(np.cov(train.T).reshape(size, size))
    # Shrinking moves the eigenvalues and leaves the axes: one decomposition serves every candidate.
    scatter = np.square(validation @ axes).mean(axis=0)

    def negative_log_likelihood(shrinkage: float) -> float:
        shrunk = np.maximum((1 - shrinkage) * values + shrinkage, SPREAD_FLOOR**2)
        return float((np.log(shrunk) + scatter / shrunk).sum())

    return min(SHRINKAGES, key=negative_log_likelihood)


def _shrunk(correlation: NDArray[np.float64], shrinkage: float) -> NDArray[np.float64]:
    return (1 - shrinkage) * correlation + shrinkage * np.eye(len(correlation))


@torch.no_grad()
def clean_residuals(vae: VAE, standardiser: Standardiser, x: NDArray[np.float64]) -> tuple[Tensor, Tensor]:
    """Return standardised residuals [N, F] and latent means [N, Z] of rows ``x`` [N, F], both float64."""
    inputs = standardised(x, standardiser)
    means = torch.cat([vae.posterior(part).mean for part in inputs.split(8192)])
    reconstruction = torch.cat([vae.decode(part) for part in means.split(8192)]).double()
    values = (torch.from_numpy(x) - standardiser.location) / standardiser.scale
    return values - reconstruction, means.double()
