"""The evidence lower bound, term by term and unreduced: every function returns one value per sample; the caller averages.

B: samples in the batch. *shape: that of a sample. Z: latent size. S: draws from the posterior.
Everything is in nats and summed over a sample's values or latents (Kingma and Welling, Auto-Encoding Variational Bayes, 2014).
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from model.autoencoder import Autoencoder
from model.vae import VAE, Posterior

LOG_2_PI = math.log(2 * math.pi)


@dataclass(frozen=True)
class ElboTerms:
    """``distortion`` = -log p(x|z) and ``rate`` = KL(q(z|x) || p(z)), each [B]."""

    distortion: Tensor
    rate: Tensor

    def negative_elbo(self, beta: float = 1.0) -> Tensor:
        """Return distortion + beta * rate [B] (beta = 1: the bound; Higgins et al. 2017 for other values)."""
        return self.distortion + beta * self.rate


def gaussian_kl(posterior: Posterior) -> Tensor:
    """Return KL(N(mean, diag(exp(log_variance))) || N(0, I)) [B], in closed form (Kingma and Welling, appendix B)."""
    mean, log_variance = posterior.mean, posterior.log_variance
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=-1)


def gaussian_nll(x: Tensor, reconstruction: Tensor, log_noise: Tensor) -> Tensor:
    """Return -log N(x; reconstruction, diag(exp(log_noise))), a value for each of ``x`` [B, *shape] and each draw.

    ``reconstruction`` is [B, *shape] or, of S draws, [S, B, *shape]; ``log_noise`` is the log variance of each value.

    The likelihood is that of the values that are there: one that is NaN, absent, is integrated out of this Gaussian and adds
    nothing (the bound on observed values of Nazabal et al., Handling Incomplete Heterogeneous Data using VAEs, 2020).
    """
    absent = x.isnan()
    squared = (torch.where(absent, reconstruction, x) - reconstruction).square() * (-log_noise).exp()
    return 0.5 * (squared + log_noise + LOG_2_PI).masked_fill(absent, 0.0).sum(dim=tuple(range(1 - x.dim(), 0)))


def elbo_terms(vae: Autoencoder, x: Tensor, epsilon: Tensor) -> ElboTerms:
    """Estimate both terms for ``x`` [B, *shape] with one draw per sample; ``epsilon`` [B, Z] is that draw's standard noise."""
    posterior = vae.posterior(x)
    reconstruction = vae.decode(posterior.draw(epsilon))
    return ElboTerms(gaussian_nll(x, reconstruction, vae.log_noise), gaussian_kl(posterior))


def log_importance_weights(vae: VAE, x: Tensor, epsilon: Tensor) -> Tensor:
    """Return log p(x, z_s) / q(z_s|x) [S, B] for S draws, ``epsilon`` [S, B, Z]; their mean over draws estimates the ELBO."""
    posterior = vae.posterior(x)
    z = posterior.draw(epsilon)
    log_likelihood = -gaussian_nll(x, vae.decode(z), vae.log_noise)
    log_prior = -0.5 * (z.square() + LOG_2_PI).sum(dim=-1)
    log_posterior = -0.5 * (epsilon.square() + posterior.log_variance + LOG_2_PI).sum(dim=-1)
    return log_likelihood + log_prior - log_posterior


def log_mean_exp(log_weights: Tensor) -> Tensor:
    """Return log 1/S sum_s exp(log_weights_s) [B] of ``log_weights`` [S, B], without leaving floating point."""
    return torch.logsumexp(log_weights, dim=0) - math.log(len(log_weights))


def importance_weighted_log_likelihood(vae: VAE, x: Tensor, epsilon: Tensor) -> Tensor:
    """Estimate log p(x) [B] from below with S draws, ``epsilon`` [S, B, Z]; exact as S grows.

    ``log 1/S sum_s p(x, z_s) / q(z_s|x)`` (Burda, Grosse and Salakhutdinov, Importance Weighted Autoencoders, 2016).
    """
    return log_mean_exp(log_importance_weights(vae, x, epsilon))
