"""Scores of samples with absent values, kept comparable to those of complete samples, as a graph in torch.

B: batch, F: features, K: numbers of absent values at which the factor is known.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

STEPS = 8  # of conjugate gradients; as many absent values are filled in exactly
TINY = 1e-30


def likeliest_change(deviation: Tensor, directions: Tensor, absent: Tensor) -> Tensor:
    """Return by how much to change absent values [B, F] so that ``deviation`` [B, V] becomes shortest.

    A change of one in value i moves the deviation by ``directions[:, i]`` [V, F]; ``absent`` [B, F] is one where a value
    may change. For a whitened residual this is its conditional mean given the others. Conjugate gradients with a diagonal
    preconditioner (Hestenes and Stiefel 1952): arithmetic only, so that it exports.
    """
    ones = torch.ones(directions.shape[1], 1, dtype=directions.dtype)
    inverse = 1 / directions.square().sum(dim=0).clamp(min=TINY)
    change = 0 * absent
    downhill = -(deviation @ directions) * absent
    direction = downhill * inverse
    steep = (downhill * direction) @ ones
    for _ in range(min(STEPS, directions.shape[1])):
        moved = direction @ directions.T
        step = steep / ((moved @ directions * direction) @ ones).clamp(min=TINY)
        change = change + step * direction
        downhill = downhill - step * (moved @ directions) * absent
        steeper = (downhill * inverse * downhill) @ ones
        direction = downhill * inverse + steeper / steep.clamp(min=TINY) * direction
        steep = steeper
    return change


@dataclass(frozen=True)
class Absence:
    """By what the score is multiplied where ``counts`` [K] values are absent, ascending from zero: ``factors`` [K], float64.

    Between these counts the factor changes linearly, beyond the last one it stays.
    """

    counts: Tensor
    factors: Tensor


class AbsenceGraph(nn.Module):
    """score [B], absent [B, F] with one where a value is absent -> comparable score [B]."""

    counts: Tensor
    bends: Tensor
    ones: Tensor

    def __init__(self, absence: Absence, feature_count: int) -> None:
        super().__init__()
        slopes = torch.diff(absence.factors) / torch.diff(absence.counts)
        none = torch.zeros(1, dtype=torch.float64)
        self.register_buffer("counts", absence.counts[None, :].contiguous())
        self.register_buffer("bends", torch.diff(slopes, prepend=none, append=none)[:, None].contiguous())
        self.register_buffer("ones", torch.ones(feature_count, 1, dtype=torch.float64))

    def forward(self, score: Tensor, absent: Tensor) -> Tensor:
        # Products with ones and ramps: sums and lookups whose result no place in a batch can change.
        factor = 1 + (absent @ self.ones - self.counts).clamp(min=0.0) @ self.bends
        return score * factor.squeeze(1)
