"""The trained detector as three graphs in torch, ready to export: encoder, decoder and the fused scorer.

Preprocessing is inside: graphs take and return float64 engineering units. B: batch, F: features, Z: latent size,
V: size of the scored vector, F or F + Z.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from model.absence import Absence, AbsenceGraph, likeliest_change
from model.neighbourhood import Neighbourhood, NeighbourhoodGraph, compressed
from model.vae import VAE

# What readings count for in contributions beside residuals. The nearest clean rows are near in the faulty reading too:
# what a sample's readings lack of theirs points away from the fault as soon as it counts in full.
READING_WEIGHT = 0.3
TINY = 1e-30  # keeps a quotient whose numerator is zero at zero; a constant that float32 has: the exported Clip rounds to it


@dataclass(frozen=True)
class Standardiser:
    """Per-feature location, scale and the interval the encoder believes, all float64 [F].

    The encoder sees values clipped to [lower, upper] (standardised units) so that no input can drive the network out
    of floating-point range; the residual is taken from the unclipped value, so the score still grows with the fault.
    """

    location: Tensor
    scale: Tensor
    lower: Tensor
    upper: Tensor


@dataclass(frozen=True)
class Metric:
    """What is known of clean residuals: the whitened residual is (v - centre) @ whitening.

    ``v`` [V] is the standardised residual, followed by the latent mean where the score is joint;
    ``centre`` [V] and ``whitening`` [V, V] are float64. ``response`` [V, F], float64, is how far ``v`` moves on average
    when one reading moves by one spread: a fault's residual less what the reconstruction follows of it.

    The score is the squared length of the whitened residual or, with a ``neighbourhood``, the distance of readings and
    whitened residual from clean ones. ``absence`` keeps scores of samples with absent values comparable.
    """

    centre: Tensor
    whitening: Tensor
    response: Tensor
    neighbourhood: Neighbourhood | None = None
    absence: Absence | None = None


class EncoderGraph(nn.Module):
    """x [B, F] -> latent mean [B, Z], latent log variance [B, Z]."""

    location: Tensor
    scale: Tensor
    lower: Tensor
    upper: Tensor

    def __init__(self, vae: VAE, standardiser: Standardiser) -> None:
        super().__init__()
        self.vae = vae
        self.register_buffer("location", standardiser.location)
        self.register_buffer("scale", standardiser.scale)
        self.register_buffer("lower", standardiser.lower)
        self.register_buffer("upper", standardiser.upper)

    def standardise(self, x: Tensor) -> Tensor:
        return (x - self.location) / self.scale

    def network_input(self, standardised: Tensor) -> Tensor:
        clipped = torch.minimum(torch.maximum(standardised, self.lower), self.upper)
        if self.vae.masked:  # what the smaller of NaN and a bound is, runtimes do not agree on
            clipped = torch.where(standardised.isnan(), standardised, clipped)
        return clipped.to(self.vae.posterior_mean.weight.dtype)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        posterior = self.vae.posterior(self.network_input(self.standardise(x)))
        return posterior.mean.double(), posterior.log_variance.double()


class DecoderGraph(nn.Module):
    """z [B, Z] -> reconstruction [B, F] in engineering units."""

    location: Tensor
    scale: Tensor

    def __init__(self, vae: VAE, standardiser: Standardiser) -> None:
        super().__init__()
        self.vae = vae
        self.register_buffer("location", standardiser.location)
        self.register_buffer("scale", standardiser.scale)

    def decode(self, z: Tensor) -> Tensor:
        """Return the standardised reconstruction [B, F] in float64."""
        return self.vae.decode(z.to(self.vae.posterior_mean.weight.dtype)).double()

    def forward(self, z: Tensor) -> Tensor:
        return self.decode(z) * self.scale + self.location


class ScorerGraph(nn.Module):
    """x [B, F] -> score [B], reconstruction [B, F], contribution [B, F].

    The latent is the posterior mean, never a draw. A feature's contribution is by how much the squared distance from
    what is usual would fall if that reading alone were put right: the squared length of the deviation along the
    direction in which a fault of that reading moves it. Where one reading alone is off, its contribution is the whole
    distance, and none is larger (Cauchy-Schwarz). Of a fault, the encoder follows the part within its bounds and none
    of the part beyond. Usual is the centre of clean residuals and, with a neighbourhood, also the nearest clean rows' readings.

    Where the network knows of absent values, one that is (NaN) is filled in by what makes the whitened residual
    shortest, starting at what is decoded. It is reconstructed as this and contributes nothing.
    """

    centre: Tensor
    whitening: Tensor
    followed: Tensor
    beyond: Tensor
    lengths: Tensor
    ones: Tensor
    reading_scale: Tensor

    def __init__(self, vae: VAE, standardiser: Standardiser, metric: Metric) -> None:
        super().__init__()
        self.encoder = EncoderGraph(vae, standardiser)
        self.decoder = DecoderGraph(vae, standardiser)
        self.joint = metric.centre.shape[0] > vae.feature_count
        self.absence = None if metric.absence is None else AbsenceGraph(metric.absence, vae.feature_count)
        self.neighbourhood = None if metric.neighbourhood is None else NeighbourhoodGraph(metric.neighbourhood)
        whitening = metric.whitening
        if metric.neighbourhood is not None:
            whitening = whitening * metric.neighbourhood.residual_scale
            self.register_buffer("reading_scale", metric.neighbourhood.reading_scale)
        # Directions [V, F] in which a fault moves the whitened deviation, within the encoder's bounds and beyond them.
        followed, beyond = whitening.T @ metric.response, whitening.T[:, : vae.feature_count]
        self.register_buffer("centre", metric.centre)
        self.register_buffer("whitening", whitening)
        self.register_buffer("followed", followed)
        self.register_buffer("beyond", beyond.contiguous())
        products = (followed.square(), followed * beyond, beyond.square())
        self.register_buffer("lengths", torch.stack([product.sum(dim=0) for product in products]))
        self.register_buffer("ones", torch.ones(metric.centre.shape[0], 1, dtype=torch.float64))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        standardised = self.encoder.standardise(x)
        believed = self.encoder.network_input(standardised)
        latent = self.encoder.vae.posterior(believed).mean
        reconstruction = self.decoder.decode(latent)
        rebuilt = reconstruction
        absent = None
        if self.encoder.vae.masked:
            hidden = standardised.isnan()
            absent = hidden.double()
            # Filled in, a sample is a complete one and seen once more as such, to be held against complete ones.
            standardised = torch.where(hidden, reconstruction, standardised)
            believed = self.encoder.network_input(standardised)
            latent = self.encoder.vae.posterior(believed).mean
            rebuilt = self.decoder.decode(latent)
        scored = standardised - rebuilt
        if self.joint:
            scored = torch.cat([scored, latent.double()], dim=1)
        whitened = (scored - self.centre) @ self.whitening
        if absent is not None:
            # What the decoder makes of few observed values is too near the middle; their residuals know better.
            change = likeliest_change(whitened, self.followed, absent)
            standardised, whitened = standardised + change, whitened + change @ self.followed.T
            believed = self.encoder.network_input(standardised)
            reconstruction = torch.where(hidden, standardised, reconstruction)
        within = 1 - (standardised - believed).abs() / standardised.abs().clamp(min=TINY)
        if self.neighbourhood is None:
            # A product with ones, not a sum: ONNX Runtime's ReduceSum adds a row in an order that depends on the row's
            # memory alignment, hence on its place in the batch; its matrix product does not.
            score = (whitened.square() @ self.ones).squeeze(1)
            along, length = self._fault_direction(whitened, within)
        else:
            readings = compressed(standardised) * self.reading_scale
            score, usual = self.neighbourhood(torch.cat([readings, whitened], dim=1))
            features = readings.shape[1]
            along, length = self._fault_direction(whitened, within)
            # How far a fault moves the compressed reading itself, for each spread of the reading.
            slope = self.reading_scale * (compressed(standardised.abs()) + TINY) / (standardised.abs() + TINY)
            along = along + READING_WEIGHT**2 * slope * (readings - usual[:, :features])
            length = length + (READING_WEIGHT * slope).square()
        contribution = along.square() / length.clamp(min=TINY)
        if absent is not None:
            contribution = contribution * (1 - absent)
            score = score if self.absence is None else self.absence(score, absent)
        return score, reconstruction * self.encoder.scale + self.encoder.location, contribution

    def _fault_direction(self, deviation: Tensor, within: Tensor) -> tuple[Tensor, Tensor]:
        """Return what of ``deviation`` [B, V] lies along each reading's fault, and that direction's squared length [B, F]."""
        along = within * (deviation @ self.followed) + (1 - within) * (deviation @ self.beyond)
        length = within * (within * self.lengths[0] + 2 * (1 - within) * self.lengths[1])
        return along, length + (1 - within).square() * self.lengths[2]
