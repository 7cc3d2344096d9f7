"""A trained detector as torch modules, whatever its method: all that export, gate and calibration need to know of it.

B: batch, Z: latent size. Samples are in raw units, as their form says; normalisation is inside.
"""

import copy
from dataclasses import dataclass, replace

import torch
from torch import nn

from model.detector import DecoderGraph, EncoderGraph, Metric, ScorerGraph, Standardiser
from model.sample_form import SampleForm
from model.vae import VAE


@dataclass(frozen=True)
class LatentGraphs:
    """``encoder``: x [B, *shape] -> latent mean [B, Z], log variance [B, Z]. ``decoder``: z [B, Z] -> reconstruction."""

    encoder: nn.Module
    decoder: nn.Module
    size: int


@dataclass(frozen=True)
class DetectorGraphs:
    """``scorer``: x [B, *shape] -> score [B], reconstruction [B, *shape], contribution, as ``form`` says.

    Of a detector that does not rebuild samples the scorer gives no reconstruction. There is no ``latent`` where the
    method has none.
    """

    scorer: nn.Module
    latent: LatentGraphs | None
    form: SampleForm

    @property
    def in_float64(self) -> bool:
        """Whether nothing inside computes in float32."""
        return all(tensor.dtype != torch.float32 for tensor in self.scorer.state_dict().values())

    def exact(self) -> "DetectorGraphs":
        """Copy the graphs, computing in float64 throughout."""
        latent = self.latent
        if latent is not None:
            latent = replace(latent, encoder=_in_double(latent.encoder), decoder=_in_double(latent.decoder))
        return replace(self, scorer=_in_double(self.scorer), latent=latent)


def vae_graphs(vae: VAE, standardiser: Standardiser, metric: Metric) -> DetectorGraphs:
    """Join a VAE, the units it sees and the metric of its residuals."""
    latent = LatentGraphs(EncoderGraph(vae, standardiser), DecoderGraph(vae, standardiser), vae.latent_size)
    return DetectorGraphs(ScorerGraph(vae, standardiser, metric), latent, SampleForm((vae.feature_count,)))


def _in_double(graph: nn.Module) -> nn.Module:
    return copy.deepcopy(graph).double()
