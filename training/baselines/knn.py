"""Nearest neighbours on a sketch: a bounded random part of the clean rows."""

import numpy as np
import torch
from numpy.typing import NDArray

from model.detector_graphs import DetectorGraphs
from model.nearest_neighbours import NeighboursScorerGraph
from model.sample_form import SampleForm
from training.baselines.units import fit_units

NEIGHBOURS = 5
SKETCH_ROWS = 2000
MARGIN = 0.1  # beyond the range of the clean rows, in parts of it, where neighbours are still looked for


def fit_knn(train: NDArray[np.float64], validation: NDArray[np.float64], seed: int) -> DetectorGraphs:
    """Keep at most ``SKETCH_ROWS`` rows of clean ``train`` [N, F] and ``validation`` [M, F], drawn without replacement.

    The mean distance to k neighbours is that of Angiulli and Pizzuti (2002); that a random part of the rows does nearly
    as well as all of them, Sugiyama and Borgwardt (2013) show.
    """
    every = np.vstack([train, validation])
    units = fit_units(every)
    kept = np.sort(np.random.default_rng(seed).permutation(len(every))[:SKETCH_ROWS])
    rows = units.standardise(every)
    low, high = rows.min(axis=0), rows.max(axis=0)
    margin = MARGIN * (high - low)
    bounds = (torch.from_numpy(low - margin), torch.from_numpy(high + margin))
    sketch = torch.from_numpy(rows[kept])
    scorer = NeighboursScorerGraph(*units.tensors(), *bounds, sketch, min(NEIGHBOURS, len(kept)))
    return DetectorGraphs(scorer, None, SampleForm(every.shape[1:]))
