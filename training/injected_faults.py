"""Clean rows with a fault in one sensor each: what detectors are compared on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.faults import FaultKind, inject

# In spreads of the feature; for gain and decorrelation as parts of one. From what only a sharp detector finds to what a
# limit on each sensor would.
SIZES: Mapping[FaultKind, tuple[float, ...]] = {
    "bias": (0.5, 1, 2, 4),
    "drift": (1, 2, 4, 8),
    "stuck": (0, 1, 2, 4),
    "noise": (0.5, 1, 2, 4),
    "gain": (-0.5, 0.5, 1, 2),
    "decorrelation": (0.25, 0.5, 0.75, 1),
}
MOST_FEATURES = 24  # that are made faulty, drawn at random where there are more
MOST_ROWS = 20_000  # in all, shared out over the faults
MOST_CLEAN_ROWS = 4000  # that a fault is put into, before its rows are drawn


@dataclass(frozen=True)
class InjectedFaults:
    """Faulty rows ``x`` [R, F]: ``source`` [R] is each one's clean row, ``feature`` [R] what is faulty, ``kind`` [R] how."""

    x: NDArray[np.float64]
    source: NDArray[np.intp]
    feature: NDArray[np.intp]
    kind: NDArray[np.str_]
    count: int

    @property
    def features(self) -> int:
        """How many features are made faulty."""
        return np.unique(self.feature).size


def inject_faults(clean: NDArray[np.float64], seed: int) -> InjectedFaults:
    """Put every kind of fault in every size into every feature of ``clean`` [n, F], rows in time order.

    A fault is put into the whole stretch and rows of it are then drawn, as many for each fault. Biases and stuck values
    point up or down at random; ``count`` is how many faults there are, of a kind, a size and a feature.
    """
    rng = np.random.default_rng([seed, 1])
    evenly = np.unique(np.linspace(0, len(clean) - 1, MOST_CLEAN_ROWS).astype(int))
    stretch, spread = clean[evenly], clean.std(axis=0)
    features = np.sort(rng.permutation(clean.shape[1])[:MOST_FEATURES])
    faults = [(kind, size, int(feature)) for kind, sizes in SIZES.items() for size in sizes for feature in features]
    each = min(max(MOST_ROWS // len(faults), 1), len(stretch))
    x, source = [], []
    for kind, size, feature in faults:
        sign = rng.choice([-1.0, 1.0]) if kind in ("bias", "drift", "stuck") else 1.0
        faulty = inject(stretch, feature, kind, float(sign * size), rng, float(spread[feature]))
        rows = rng.choice(len(stretch), each, replace=False)
        x.append(faulty[rows])
        source.append(evenly[rows])
    return InjectedFaults(
        np.vstack(x),
        np.concatenate(source),
        np.repeat([feature for _, _, feature in faults], each),
        np.repeat([kind for kind, _, _ in faults], each),
        len(faults),
    )
