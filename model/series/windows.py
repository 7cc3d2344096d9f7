"""Windows of a series, made when they are asked for. K: rows, T: steps of a window, F: channels, M: windows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.series.segments import Rows, Segments


@dataclass(frozen=True)
class Windows:
    """M windows of ``length`` T over ``values`` [K, F]: window m holds the T rows up to position ``ends[m]``.

    ``len(windows)`` is M, ``windows[rows]`` the windows [n, T, F] by a slice or by their numbers; no row is held twice.
    """

    values: NDArray[np.float64]
    ends: Rows
    length: int

    def __len__(self) -> int:
        return int(self.ends.size)

    def __getitem__(self, rows: slice | Rows) -> NDArray[np.float64]:
        steps = self.ends[rows][:, None] + np.arange(1 - self.length, 1)
        return np.asarray(self.values[steps])


def window_ends(segments: Segments, length: int, stride: int = 1) -> Rows:
    """Return the last position of every window that lies whole in a segment, ``stride`` steps apart from its first."""
    ends = [
        np.arange(start + length - 1, start + size, stride, dtype=np.intp)
        for start, size in zip(segments.starts.tolist(), segments.lengths.tolist(), strict=True)
    ]
    return np.concatenate(ends) if ends else np.empty(0, dtype=np.intp)
