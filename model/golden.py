"""Golden samples: what a bundle must answer, wherever it is loaded."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.threshold import Verdict


@dataclass(frozen=True)
class Golden:
    """G samples [G, *shape] in raw units, the scores [G] (NaN: invalid) and verdict indices [G] they must get."""

    samples: NDArray[Any]
    scores: NDArray[np.float64]
    verdicts: NDArray[np.int8]

    def to_npz(self) -> bytes:
        """Write ``golden.npz``."""
        file = io.BytesIO()
        np.savez(file, samples=np.ascontiguousarray(self.samples), scores=self.scores, verdicts=self.verdicts)
        return file.getvalue()


def compare_golden(golden: Golden, scores: NDArray[np.float64], verdicts: NDArray[np.int8], rtol: float) -> str | None:
    """Say in words how the answers differ from the golden ones by more than ``rtol``, or return None."""
    valid = ~np.isnan(golden.scores)
    if (np.isnan(scores) == valid).any():
        row = int(np.flatnonzero(np.isnan(scores) == valid)[0])
        return f"golden sample {row} must score {golden.scores[row]:.9g}, got {scores[row]:.9g}"
    with np.errstate(over="ignore"):  # a golden score of zero
        error = np.abs(scores[valid] - golden.scores[valid]) / np.maximum(golden.scores[valid], np.finfo(float).tiny)
    if error.size and not error.max() <= rtol:  # NaN, too, is a difference
        row = int(np.flatnonzero(valid)[error.argmax()])
        return (
            f"golden sample {row} must score {golden.scores[row]:.9g} within {rtol:g}, got {scores[row]:.9g} "
            f"(relative error {error.max():.2g})"
        )
    if (verdicts != golden.verdicts).any():
        row = int(np.flatnonzero(verdicts != golden.verdicts)[0])
        expected, found = (tuple(Verdict)[answer[row]] for answer in (golden.verdicts, verdicts))
        return f"golden sample {row} must get verdict '{expected}', got '{found}'"
    return None
