"""The trained detector of windows as three graphs in torch, ready to export: encoder, decoder and the fused scorer.

Preprocessing is inside: graphs take and return float64 engineering units. B: batch, T: steps, F: channels, Z: latent
size of the network, W: channels that wander, K: spans.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from model.detector_graphs import DetectorGraphs, LatentGraphs
from model.sample_form import SampleForm
from model.vae import LOG_VARIANCE_BOUNDS
from model.window_units import LINE, WindowUnits, WindowUnitsGraph
from model.window_vae import WindowVAE

SPAN_RATIO = 4  # each span is so many times the one before
TINY = 1e-30  # keeps a quotient whose numerator is zero at zero


@dataclass(frozen=True)
class WindowMetric:
    """What clean windows leave: the mean square [K, F] of each channel's residual, averaged over each of the spans.

    Span k is the last ``spans[k]`` steps of a window.
    """

    spans: tuple[int, ...]
    mean_square: Tensor


def spans_of(steps: int) -> tuple[int, ...]:
    """Return 1, 4, 16, ... up to the length of a window: a spike shows in a short span, a slight shift in a long one."""
    return tuple(SPAN_RATIO**power for power in range(1 + int(math.log(steps, SPAN_RATIO) + 1e-9)))


def span_means(spans: Sequence[int], steps: int) -> Tensor:
    """Return the matrix [K, T] that averages a window's last steps over each span."""
    means = torch.zeros(len(spans), steps, dtype=torch.float64)
    for row, span in zip(means, spans, strict=True):
        row[steps - span :] = 1 / span
    return means


class WindowEncoderGraph(nn.Module):
    """x [B, T, F] -> latent mean [B, Z + 2 W], latent log variance [B, Z + 2 W].

    After the network's latent come level and slope of each channel that wanders, in spreads of clean windows.
    """

    def __init__(self, vae: WindowVAE, units: WindowUnitsGraph) -> None:
        super().__init__()
        self.vae, self.units = vae, units

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        held, line = self.units.split(x)
        posterior = self.vae.posterior(self.units.network_input(held).to(self.vae.posterior_mean.weight.dtype))
        mean, log_variance = posterior.mean.double(), posterior.log_variance.double()
        if not self.units.wandering:
            return mean, log_variance
        known = self.units.line_latent(line)
        certain = known * 0 + LOG_VARIANCE_BOUNDS[0]
        return torch.cat([mean, known], dim=1), torch.cat([log_variance, certain], dim=1)


class WindowDecoderGraph(nn.Module):
    """z [B, Z + 2 W] -> reconstruction [B, T, F] in engineering units."""

    def __init__(self, vae: WindowVAE, units: WindowUnitsGraph) -> None:
        super().__init__()
        self.vae, self.units = vae, units

    def forward(self, z: Tensor) -> Tensor:
        network = z[:, : self.vae.latent_size]
        held = self.vae.decode(network.to(self.vae.posterior_mean.weight.dtype)).double()
        line = self.units.line_of(z[:, self.vae.latent_size :]) if self.units.wandering else None
        return self.units.join(held, line)


class WindowScorerGraph(nn.Module):
    """x [B, T, F] -> score [B], reconstruction [B, T, F], contribution [B, T, F].

    The residual of each channel, averaged over each span that ends with the window, is squared in units of its clean mean
    square: energies e [B, K, F]. The score is the root of the mean of their squares, so that one strong deviation counts
    for more than many weak ones. Contributions add up to the square of the score: a span's part is shared out among
    its steps by the square of the residual.
    """

    means: Tensor
    within: Tensor
    inverse_mean_square: Tensor
    ones: Tensor

    def __init__(self, vae: WindowVAE, units: WindowUnitsGraph, metric: WindowMetric) -> None:
        super().__init__()
        self.vae, self.units = vae, units
        means = span_means(metric.spans, vae.steps)
        self.register_buffer("means", means)
        self.register_buffer("within", (means > 0).double())
        self.register_buffer("inverse_mean_square", 1 / metric.mean_square)
        self.register_buffer("ones", torch.ones(metric.mean_square.numel(), 1, dtype=torch.float64))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        held, line = self.units.split(x)
        latent = self.vae.posterior(self.units.network_input(held).to(self.vae.posterior_mean.weight.dtype)).mean
        rebuilt = self.vae.decode(latent).double()
        residual = held - rebuilt
        part = ((self.means @ residual).square() * self.inverse_mean_square).square() / len(self.ones)
        # A product with ones, not a sum: ``ReduceSum`` adds a row in an order that depends on its place in memory.
        score = (part.reshape(-1, len(self.ones)) @ self.ones).sqrt().squeeze(1)
        square = residual.square()
        shared = part / (self.within @ square + TINY)
        return (
            score,
            self.units.join(rebuilt, line if self.units.wandering else None),
            square * (self.within.T @ shared),
        )


def window_graphs(vae: WindowVAE, units: WindowUnits, metric: WindowMetric) -> DetectorGraphs:
    """Join a VAE of windows, the units it sees and the metric of its residuals."""
    graph = WindowUnitsGraph(units)
    latent = LatentGraphs(
        WindowEncoderGraph(vae, graph), WindowDecoderGraph(vae, graph), vae.latent_size + LINE * graph.wandering
    )
    return DetectorGraphs(WindowScorerGraph(vae, graph, metric), latent, SampleForm((vae.steps, vae.channels)))
