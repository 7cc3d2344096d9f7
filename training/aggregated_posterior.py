"""How near the aggregated posterior of clean samples is to the prior. N: samples, Z: latent size.

The aggregated posterior is the mixture of all samples' posteriors, q(z) = E q(z|x); draws from the prior look like the
process as far as the two agree.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.encoder import Latents

Array = NDArray[np.float64]

# A latent whose posterior mean hardly moves carries nothing (Burda, Grosse and Salakhutdinov, 2016).
ACTIVE_VARIANCE = 0.01
NEAR = 1.0  # nats between aggregated posterior and prior: below, few draws of the prior lie where no clean sample does


@dataclass(frozen=True)
class AggregatedPosterior:
    """Figures by latent [Z], in nats but for ``moves``, from ``samples`` clean samples.

    ``rate`` is the mean of KL(q(z|x) || N(0, 1)): what a sample's place tells of it. ``moves`` is the variance of the
    posterior mean. ``gap`` is KL(q(z) || N(0, 1)) latent by latent, for the normal distribution of q's mean and variance.
    """

    samples: int
    rate: Array
    moves: Array
    gap: Array
    total_correlation: float
    """KL(q(z) || product over latents), in nats, for the normal distribution of q's correlations (Watanabe 1960)."""

    @property
    def size(self) -> int:
        return self.rate.size

    @property
    def active_ones(self) -> NDArray[np.bool_]:
        """Which latents [Z] move with the sample."""
        return np.asarray(self.moves > ACTIVE_VARIANCE)

    @property
    def active(self) -> int:
        return int(self.active_ones.sum())

    @property
    def distance(self) -> float:
        """KL(q(z) || N(0, I)) in nats, for the normal distribution of q's mean and covariance: gaps and total correlation."""
        return float(self.gap.sum()) + self.total_correlation

    def metrics(self) -> dict[str, float]:
        """Name the figures as the manifest does."""
        return {
            "active_latents": self.active,
            "aggregated_posterior_kl": self.distance,
            "total_correlation": self.total_correlation,
            **{f"latent_{latent}_rate": rate for latent, rate in enumerate(self.rate.tolist(), 1)},
        }


def measure_posterior(latents: Latents) -> AggregatedPosterior:
    """Measure the aggregated posterior of the N samples whose posteriors are given, mean and log variance [N, Z].

    The mean rate parts into what a place tells of its sample, the total correlation and the gaps (Hoffman and Johnson 2016,
    ELBO surgery; Chen et al. 2018, Isolating Sources of Disentanglement). The last two are those of a normal distribution:
    exact in its terms, free of the bias of estimates by sampling, and blind to dependence that is no correlation.
    """
    mean, variance = latents.mean, np.exp(latents.log_variance)
    rate = 0.5 * (np.square(mean) + variance - 1 - latents.log_variance).mean(axis=0)
    covariance = np.cov(mean, rowvar=False, bias=True).reshape(mean.shape[1], -1) + np.diag(variance.mean(axis=0))
    spread = np.diag(covariance)
    gap = 0.5 * (np.square(mean.mean(axis=0)) + spread - 1 - np.log(spread))
    correlation = covariance / np.sqrt(np.outer(spread, spread))
    total_correlation = -0.5 * float(np.linalg.slogdet(correlation)[1])
    return AggregatedPosterior(len(mean), rate, mean.var(axis=0), gap, max(total_correlation, 0.0))


def posteriors_to_keep(latents: Latents) -> Array:
    """Lay posteriors out as a bundle keeps them, [N, 2 Z]: means first, then standard deviations."""
    return np.hstack([latents.mean, np.exp(latents.log_variance / 2)])
