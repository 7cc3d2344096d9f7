"""Absent values in training: hidden at random so that the network learns to do without, and what hiding does to scores.

B: rows. F: features. K: numbers of absent values that are tried.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model.absence import Absence
from model.raw_scorer import CHUNK
from training.absence_rates import tried_counts, without

COMPLETE_SHARE = 0.5  # of the rows of a batch
LARGEST_RATE = 0.5  # at which values are hidden in the others
ROWS, REPEATS = 1000, 4000  # validation rows that are tried; all of them so often that there are about so many samples
LEAST_TAIL = 20  # samples that must lie above a quantile to be sure of it


def hide_values(x: Tensor, generator: torch.Generator) -> Tensor:
    """Make values of ``x`` [B, F] absent (NaN) at random: of half the rows none, of others at a rate that differs by row."""
    rate = LARGEST_RATE * torch.rand(len(x), 1, generator=generator)
    complete = torch.rand(len(x), 1, generator=generator) < COMPLETE_SHARE
    hidden = torch.rand(x.shape, generator=generator) < rate.masked_fill(complete, 0.0)
    return x.masked_fill(hidden, torch.nan)


@torch.no_grad()
def fit_absence(scorer: nn.Module, validation: NDArray[np.float64], most: int, target_fpr: float, seed: int) -> Absence:
    """Find by what to multiply scores so that clean samples raise as many false alarms with absent values as without.

    ``scorer`` scores ``validation`` [B, F], clean and complete, as it is and with up to ``most`` values absent; the factor is the
    ratio of their quantiles at ``target_fpr`` from above, or nearer to the middle where rows are too few for that one.
    """
    rng = np.random.default_rng([seed, 3])
    rows = validation[np.linspace(0, len(validation) - 1, min(len(validation), ROWS)).astype(int)]
    tail = min(max(target_fpr, LEAST_TAIL / len(rows)), 0.5)
    complete = np.quantile(_scores(scorer, rows), 1 - tail)
    repeated = np.tile(rows, (max(REPEATS // len(rows), 1), 1))
    counts = tried_counts(most)
    quantiles = [np.quantile(_scores(scorer, without(repeated, count, rng)), 1 - tail) for count in counts.tolist()]
    factors = [1.0, *(float(complete / quantile) for quantile in quantiles)]
    return Absence(torch.tensor([0, *counts], dtype=torch.float64), torch.tensor(factors, dtype=torch.float64))


def _scores(scorer: nn.Module, x: NDArray[np.float64]) -> NDArray[np.float64]:
    return torch.cat([scorer(part)[0] for part in torch.from_numpy(x).split(CHUNK)]).numpy()
