"""The variational autoencoder, on standardised samples. B: batch, F: features, Z: latent size."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

Noise = Literal["fixed", "shared", "per_feature"]

# Beyond these the exponentials leave float32 long before the fit means anything.
LOG_VARIANCE_BOUNDS = (-14.0, 8.0)
# Without a floor the likelihood of a feature that others determine grows without bound and drowns the rest.
SMALLEST_NOISE = 0.005


@dataclass(frozen=True)
class Posterior:
    """q(z|x) = N(mean, diag(exp(log_variance))), each [B, Z]."""

    mean: Tensor
    log_variance: Tensor

    def draw(self, epsilon: Tensor) -> Tensor:
        """Reparameterise: mean + sigma * epsilon, with standard normal ``epsilon`` [..., B, Z] from the caller."""
        return self.mean + (0.5 * self.log_variance).exp() * epsilon


class VAE(nn.Module):
    """Encoder to a diagonal Gaussian, decoder to a Gaussian mean with one observation noise for all samples.

    ``noise`` is the decoder's variance: ``fixed`` at one, learned and ``shared`` by all features, or learned
    ``per_feature`` (the sigma-VAE of Rybkin, Daniilidis and Levine, 2021). Without hidden layers the model is linear,
    and its maximum likelihood is that of probabilistic PCA (Lucas et al. 2019). Learned noise never falls below
    ``noise_floor``, a standard deviation in standardised units.

    With ``masked`` values may be absent, as NaN: the encoder then also sees which of them are there, 2 F inputs with
    zero for what is absent (Ma et al., EDDI, 2019; Nazabal et al., Handling Incomplete Heterogeneous Data, 2020).
    """

    def __init__(
        self,
        feature_count: int,
        latent_size: int,
        hidden: Sequence[int],
        noise: Noise,
        noise_floor: float = SMALLEST_NOISE,
        *,
        masked: bool = False,
    ) -> None:
        super().__init__()
        self.masked = masked
        sizes = [2 * feature_count if masked else feature_count, *hidden]
        self.encoder = _layers(sizes)
        width = sizes[-1]
        self.posterior_mean = nn.Linear(width, latent_size)
        self.posterior_log_variance = nn.Linear(width, latent_size)
        self.decoder = nn.Sequential(
            _layers([latent_size, *reversed(hidden)]), nn.Linear(hidden[0] if hidden else latent_size, feature_count)
        )
        self.feature_count, self.latent_size = feature_count, latent_size
        self.log_noise_floor = 2 * math.log(noise_floor)
        learned = torch.zeros(feature_count if noise == "per_feature" else 1)
        self.free_log_noise = nn.Parameter(learned, requires_grad=noise != "fixed")

    @property
    def log_noise(self) -> Tensor:
        """The log variance of the observation noise [F], never below the floor."""
        return self.free_log_noise.clamp(min=self.log_noise_floor).expand(self.feature_count)

    def posterior(self, x: Tensor) -> Posterior:
        """Encode standardised ``x`` [..., F]."""
        if self.masked:
            absent = x.isnan()
            x = torch.cat([x.masked_fill(absent, 0.0), (~absent).to(x.dtype)], dim=-1)
        h = self.encoder(x)
        return Posterior(self.posterior_mean(h), self.posterior_log_variance(h).clamp(*LOG_VARIANCE_BOUNDS))

    def decode(self, z: Tensor) -> Tensor:
        """Return the mean of p(x|z) [..., F] for latents ``z`` [..., Z]."""
        reconstruction: Tensor = self.decoder(z)
        return reconstruction


def _layers(sizes: Sequence[int]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), nn.SiLU()]
    return nn.Sequential(*layers)
