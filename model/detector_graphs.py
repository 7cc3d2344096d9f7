"""A trained detector as torch modules, whatever its method: all that export, gate and calibration need to know of it.

B: batch, F: features, Z: latent size. Everything is float64 in engineering units; normalisation is inside.
"""

import copy
from dataclasses import dataclass, replace

import torch
from torch import nn

from model.detector import DecoderGraph, EncoderGraph, Metric, ScorerGraph, Standardiser
from model.vae import VAE


@dataclass(frozen=True)
class LatentGraphs:
    """``encoder``: x [B, F] -> latent mean [B, Z], log variance [B, Z]. ``decoder``: z [B, Z] -> reconstruction [B, F]."""

    encoder: nn.Module
    decoder: nn.Module
    size: int


@dataclass(frozen=True)
class DetectorGraphs:
    """``scorer``: x [B, F] -> score [B], reconstruction [B, F], contribution [B, F]; no ``latent`` where there is none."""

    scorer: nn.Module
    latent: LatentGraphs | None
    feature_count: int

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
    return DetectorGraphs(ScorerGraph(vae, standardiser, metric), latent, vae.feature_count)


def _in_double(graph: nn.Module) -> nn.Module:
    return copy.deepcopy(graph).double()
