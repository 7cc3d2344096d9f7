"""How likely clean rows are to a trained network: the bound it was trained by, and a closer estimate from below.

B: rows. S: draws. F: features. Z: latent size.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from model.detector import Standardiser
from model.elbo import log_importance_weights, log_mean_exp
from model.vae import VAE
from training.generalisation import Generalisation, Likelihood
from training.standardise import standardised

ROWS = 1000  # of each part; evenly spread, they settle the mean to a few hundredths of a nat
DRAWS = 32
CHUNK_NUMBERS = 1 << 22  # of activations at a time


def measure_generalisation(
    vae: VAE,
    standardiser: Standardiser,
    train: NDArray[np.float64],
    validation: NDArray[np.float64],
    calibration: NDArray[np.float64],
    seed: int,
) -> Generalisation:
    """Estimate the likelihood of rows [N, F] of each part, of at most ``ROWS`` spread evenly over it."""
    parts = [measure_likelihood(vae, standardiser, rows, seed) for rows in (train, validation, calibration)]
    return Generalisation(train.shape[1], *parts)


@torch.no_grad()
def measure_likelihood(vae: VAE, standardiser: Standardiser, rows: NDArray[np.float64], seed: int) -> Likelihood:
    """Estimate ELBO and importance-weighted log-likelihood of ``rows`` [N, F] with ``DRAWS`` draws of the posterior."""
    spread = np.linspace(0, len(rows) - 1, min(len(rows), ROWS)).astype(int)
    x = standardised(rows[spread], standardiser)
    generator = torch.Generator().manual_seed(seed)
    widest = max(module.out_features for module in vae.modules() if isinstance(module, torch.nn.Linear))
    elbos, log_likelihoods = [], []
    for part in x.split(max(1, CHUNK_NUMBERS // (DRAWS * widest))):
        epsilon = torch.randn(DRAWS, len(part), vae.latent_size, generator=generator)
        log_weights = log_importance_weights(vae, part, epsilon)
        elbos.append(log_weights.mean(dim=0))
        log_likelihoods.append(log_mean_exp(log_weights))
    elbo, log_likelihood = torch.cat(elbos).double(), torch.cat(log_likelihoods).double()
    error = float(log_likelihood.std()) / len(x) ** 0.5 if len(x) > 1 else float("inf")
    return Likelihood(len(x), DRAWS, float(elbo.mean()), float(log_likelihood.mean()), error)
