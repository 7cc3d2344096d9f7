"""Windows of rows that follow each other, cut when asked for. N: rows, T: steps, F: channels."""

import numpy as np
from numpy.typing import NDArray


class ConsecutiveWindows:
    """Every window of ``length`` rows of ``values`` [N, F] whose row numbers all are among ``rows`` and follow each other.

    In time order; nothing is copied until windows are taken.
    """

    def __init__(self, values: NDArray[np.float64], rows: NDArray[np.intp], length: int) -> None:
        self._windows = np.lib.stride_tricks.sliding_window_view(values, length, axis=0).transpose(0, 2, 1)
        ends = rows[length - 1 :]
        self._starts = rows[: ends.size][ends - rows[: ends.size] == length - 1]

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, rows: slice | NDArray[np.intp], /) -> NDArray[np.float64]:
        return np.ascontiguousarray(self._windows[self._starts[rows]])
