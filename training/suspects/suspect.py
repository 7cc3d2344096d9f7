"""A clean row that looks less clean than others, and the list of them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

CAUSES = 3  # at most so many features are named

Eye = Literal["reconstruction", "neighbours"]


@dataclass(frozen=True)
class Suspect:
    """Clean row ``row``, found by ``eye``: its reconstruction is off, or it lies far from the rows most like it.

    As many as ``by_chance`` of all clean rows would look so strange by chance. ``causes`` are the features that give the
    row away, the first one most; ``expected`` [F] is what the eye expected, in engineering units.
    """

    row: int
    eye: Eye
    by_chance: float
    causes: tuple[int, ...]
    expected: NDArray[np.float64]


@dataclass(frozen=True)
class Suspects:
    """The strangest of ``looked_at`` clean rows, the strangest first; of them, the first ``beyond_chance`` stand out."""

    listed: tuple[Suspect, ...]
    beyond_chance: int
    looked_at: int

    @property
    def by_chance(self) -> float:
        """How many rows as strange as those that stand out are expected by chance."""
        return self.listed[self.beyond_chance - 1].by_chance if self.beyond_chance else 0.0
