"""A sample as the clean process would have shown it. F: features."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from model.explainer import Explainer
from model.latent_search import LatentSearch
from model.raw_scorer import RawScorer

Array = NDArray[np.float64]
Method = Literal["put_right", "search", "reconstruction"]

# Where more readings than these had to be put right for the alarm to go, it is no matter of sensors.
MOST_FAULTY_SENSORS = 2


@dataclass(frozen=True)
class Purified:
    """A purified ``sample``, in raw units, the ``method`` that found it, and the readings that were ``put_right`` (columns to values)."""

    sample: Array
    method: Method
    put_right: dict[int, float] = field(default_factory=dict)


class Purifier:
    """Purify samples by one bundle, with what it has. Thread-safe."""

    def __init__(self, raw: RawScorer, explainer: Explainer | None, search: LatentSearch | None) -> None:
        self._raw, self._explainer, self._search = raw, explainer, search

    def purify(self, sample: NDArray[Any]) -> Purified:
        """Purify one valid ``sample``.

        Rows of readings: where one or two readings explain the alarm, they alone are put right; a row that raises none stays as
        it is. All else is what the best place in the latent decodes to, or the reconstruction where there is no latent.
        Values that are absent are filled in.

        Raises:
            NoReconstructionError: the detector does not reconstruct samples.
        """
        if self._explainer is not None:
            fixed = self._explainer.put_right(sample)
            if len(fixed) <= MOST_FAULTY_SENSORS or self._search is None:
                corrected = sample.copy()
                corrected[list(fixed)] = list(fixed.values())
                absent = np.isnan(corrected)
                if absent.any():
                    corrected[absent] = self._rebuilt(corrected)[absent]
                return Purified(corrected, "put_right", fixed)
        if self._search is not None:
            return Purified(self._search.clean(sample), "search")
        return Purified(self._rebuilt(sample), "reconstruction")

    def _rebuilt(self, sample: NDArray[Any]) -> Array:
        return np.asarray(self._raw.explain(sample[None]).reconstruction[0])
