"""The variational autoencoder of time-series windows. B: batch, T: steps, F: channels, Z: latent size."""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from model.vae import LOG_VARIANCE_BOUNDS, SMALLEST_NOISE, Noise, Posterior

WIDTH = 32  # channels of a convolution's output
KERNEL = 3
SHORTEST = 4  # steps at which a window is short enough to be looked at whole


class WindowVAE(nn.Module):
    """Encoder of convolutions, each halving the steps, to a diagonal Gaussian; decoder the other way round.

    Samples are normalised windows [B, T, F], oldest step first, of any length. The decoder lengthens by linear
    interpolation, as a product with a constant matrix (Odena, Dumoulin and Olah, Deconvolution
    and Checkerboard Artifacts, 2016). The observation noise is learned per channel, the same for every step.
    """

    def __init__(
        self,
        steps: int,
        channels: int,
        latent_size: int,
        noise: Noise = "per_feature",
        noise_floor: float = SMALLEST_NOISE,
    ) -> None:
        super().__init__()
        self.masked = False
        self.steps, self.channels, self.latent_size = steps, channels, latent_size
        lengths = [steps]
        while lengths[-1] > SHORTEST:
            lengths.append((lengths[-1] + 1) // 2)
        self.shortest = lengths[-1]
        halvings = len(lengths) - 1
        taken = [channels, *[WIDTH] * (halvings - 1)]
        self.encoder = nn.Sequential(
            *(
                layer
                for width in taken
                for layer in (_convolution(width, WIDTH, stride=2 if halvings else 1), nn.SiLU())
            ),
            nn.Flatten(),
        )
        self.posterior_mean = nn.Linear(WIDTH * self.shortest, latent_size)
        self.posterior_log_variance = nn.Linear(WIDTH * self.shortest, latent_size)
        self.unfold = nn.Linear(latent_size, WIDTH * self.shortest)
        self.lengthen = nn.ModuleList(_Lengthen(few, many) for many, few in reversed(list(pairwise(lengths))))
        self.convolve = nn.ModuleList(_convolution(WIDTH, WIDTH) for _ in range(halvings))
        self.out = _convolution(WIDTH, channels)
        self.log_noise_floor = 2 * math.log(noise_floor)
        learned = torch.zeros(channels if noise == "per_feature" else 1)
        self.free_log_noise = nn.Parameter(learned, requires_grad=noise != "fixed")

    @property
    def log_noise(self) -> Tensor:
        """The log variance of the observation noise [F], never below the floor."""
        return self.free_log_noise.clamp(min=self.log_noise_floor).expand(self.channels)

    def posterior(self, x: Tensor) -> Posterior:
        """Encode normalised windows ``x`` [B, T, F]."""
        h = self.encoder(x.transpose(1, 2))
        return Posterior(self.posterior_mean(h), self.posterior_log_variance(h).clamp(*LOG_VARIANCE_BOUNDS))

    def decode(self, z: Tensor) -> Tensor:
        """Return the mean of p(x|z) [B, T, F] for latents ``z`` [B, Z]."""
        h = nn.functional.silu(self.unfold(z)).reshape(-1, WIDTH, self.shortest)
        for lengthen, convolve in zip(self.lengthen, self.convolve, strict=True):
            h = lengthen(nn.functional.silu(convolve(h)))
        reconstruction: Tensor = self.out(h).transpose(1, 2)
        return reconstruction


class _Lengthen(nn.Module):
    """h [B, C, L] -> [B, C, M], interpolated linearly between the L values, ends on ends."""

    weight: Tensor

    def __init__(self, few: int, many: int) -> None:
        super().__init__()
        place = torch.linspace(0, few - 1, many)[None, :]
        weight = (1 - (place - torch.arange(few)[:, None]).abs()).clamp(min=0)
        self.register_buffer("weight", weight, persistent=False)

    def forward(self, h: Tensor) -> Tensor:
        return h @ self.weight


class _Convolution(nn.Conv1d):
    """A convolution that exports in float64 as well, as a product with shifted copies: ONNX Runtime convolves in float32 alone."""

    def __init__(self, taken: int, given: int, stride: int) -> None:
        super().__init__(taken, given, KERNEL, stride=stride, padding=KERNEL // 2)

    def forward(self, h: Tensor) -> Tensor:
        if h.dtype == torch.float32 or self.bias is None:
            return super().forward(h)
        edge = torch.cat([0 * h[:, :, :1]] * (KERNEL // 2), dim=2)
        padded = torch.cat([edge, h, edge], dim=2)
        step, last = self.stride[0], h.shape[2] - 1
        copies = [padded[:, :, shift : shift + last + 1 : step] for shift in range(KERNEL)]
        weight = self.weight.permute(0, 2, 1).reshape(self.out_channels, -1)
        return weight @ torch.cat(copies, dim=1) + self.bias[:, None]


def _convolution(taken: int, given: int, stride: int = 1) -> nn.Conv1d:
    return _Convolution(taken, given, stride)
