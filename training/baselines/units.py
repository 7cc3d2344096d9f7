"""The units that baselines measure in."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray


@dataclass(frozen=True)
class Units:
    """Location and scale [F]: what a feature is on average and how much it varies, or one where it never does."""

    location: NDArray[np.float64]
    scale: NDArray[np.float64]

    def standardise(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((x - self.location) / self.scale)

    def tensors(self) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.from_numpy(self.location), torch.from_numpy(self.scale)


def fit_units(x: NDArray[np.float64]) -> Units:
    """Take mean and standard deviation of ``x`` [N, F]."""
    scale = x.std(axis=0)
    return Units(x.mean(axis=0), np.where(scale > 0, scale, 1.0))
