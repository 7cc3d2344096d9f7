"""A convolutional variational autoencoder on small normalised images. B: batch, C: colours, H, W: sides, Z: latent size."""

import math

import torch
from torch import Tensor, nn

from model.vae import LOG_VARIANCE_BOUNDS, SMALLEST_NOISE, Posterior

HALVINGS = 2
SIDE_MULTIPLE = 2**HALVINGS
CHANNELS = (16, 32)
WIDTH = 256  # of the dense layer between the convolutions and the latent


class ImageVAE(nn.Module):
    """Encoder to a diagonal Gaussian, decoder to a Gaussian mean with one learned observation noise for all pixels.

    Sides are multiples of ``SIDE_MULTIPLE``. Convolutions with stride halve an image, pixel shuffles double it again
    (Shi et al., Real-Time Single Image Super-Resolution, 2016): no output size is a number in the graph. One noise
    for all pixels keeps samples sharp (the sigma-VAE of Rybkin, Daniilidis and Levine, 2021) and lets no pixel that
    never changes on clean images drown the others.
    """

    def __init__(self, colours: int, height: int, width: int, latent_size: int) -> None:
        super().__init__()
        first, second = CHANNELS
        low = (second, height // SIDE_MULTIPLE, width // SIDE_MULTIPLE)
        self.masked, self.latent_size = False, latent_size
        self.shape = (colours, height, width)
        self.encoder = nn.Sequential(
            nn.Conv2d(colours, first, kernel_size=4, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(first, second, kernel_size=4, stride=2, padding=1),
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(math.prod(low), WIDTH),
            nn.SiLU(),
        )
        self.posterior_mean = nn.Linear(WIDTH, latent_size)
        self.posterior_log_variance = nn.Linear(WIDTH, latent_size)
        self.decoder = nn.Sequential(
            nn.Linear(latent_size, WIDTH),
            nn.SiLU(),
            nn.Linear(WIDTH, math.prod(low)),
            nn.SiLU(),
            nn.Unflatten(1, low),
            nn.Conv2d(second, 4 * first, kernel_size=3, padding=1),
            nn.PixelShuffle(2),
            nn.SiLU(),
            nn.Conv2d(first, 4 * colours, kernel_size=3, padding=1),
            nn.PixelShuffle(2),
        )
        self.log_noise_floor = 2 * math.log(SMALLEST_NOISE)
        self.free_log_noise = nn.Parameter(torch.zeros(1))

    @property
    def log_noise(self) -> Tensor:
        """The log variance of the observation noise, of every pixel [C, H, W], never below the floor."""
        return self.free_log_noise.clamp(min=self.log_noise_floor).expand(self.shape)

    def posterior(self, x: Tensor) -> Posterior:
        """Encode ``x`` [B, C, H, W]."""
        h = self.encoder(x)
        return Posterior(self.posterior_mean(h), self.posterior_log_variance(h).clamp(*LOG_VARIANCE_BOUNDS))

    def decode(self, z: Tensor) -> Tensor:
        """Return the mean of p(x|z) [B, C, H, W] for latents ``z`` [B, Z]."""
        reconstruction: Tensor = self.decoder(z)
        return reconstruction
