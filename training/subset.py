"""Some of a set's samples, as a set of their own."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.sample_form import SampleSet


@dataclass(frozen=True)
class Subset:
    """The samples of ``samples`` numbered ``rows`` [n], read when they are asked for."""

    samples: SampleSet
    rows: NDArray[np.intp]

    def __len__(self) -> int:
        return int(self.rows.size)

    def __getitem__(self, chosen: slice | NDArray[np.intp], /) -> NDArray[Any]:
        return self.samples[self.rows[chosen]]
