"""Location, scale and believable interval of each feature, from the training rows."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from model.detector import Standardiser
from model.errors import InputError

# How far beyond the training range, in parts of it, the encoder still follows a feature. Past that the reconstruction
# stays put and the residual takes all of the excess.
MARGIN = 0.1


def fit_standardiser(train: NDArray[np.float64], names: Sequence[str]) -> Standardiser:
    """Standardise by mean and standard deviation of ``train`` [N, F].

    Raises:
        InputError: a feature never changes in these rows, or by less than floating point resolves.
    """
    location, scale = train.mean(axis=0), train.std(axis=0)
    still = scale <= 1e-12 * np.abs(location)
    if still.any():
        found = ", ".join(f"'{names[index]}' (always {location[index]:g})" for index in np.flatnonzero(still).tolist())
        raise InputError(
            f"these features never change in the {len(train):,} training rows: {found}; give more varied data, "
            "another split, or name them under ignore"
        )
    low, high = (train.min(axis=0) - location) / scale, (train.max(axis=0) - location) / scale
    margin = MARGIN * (high - low)
    return Standardiser(*(torch.from_numpy(values) for values in (location, scale, low - margin, high + margin)))


def standardised(x: NDArray[np.float64], standardiser: Standardiser) -> torch.Tensor:
    """Bring ``x`` [N, F] to the network's units, float32, clipped as the exported encoder clips."""
    values = (torch.from_numpy(x) - standardiser.location) / standardiser.scale
    return torch.minimum(torch.maximum(values, standardiser.lower), standardiser.upper).float()
