"""Windows of rows that follow each other, of some of a series' rows. N: rows, T: steps, F: channels."""

import numpy as np
from numpy.typing import NDArray

from model.series.segments import Rows
from model.series.windows import Windows


def consecutive_windows(values: NDArray[np.float64], rows: Rows, length: int) -> Windows:
    """Give every window of ``length`` rows of ``values`` [N, F] whose numbers all are among ``rows``, without one between.

    ``rows`` ascend; windows come in the same order.
    """
    ends = rows[length - 1 :]
    whole = ends - rows[: ends.size] == length - 1
    return Windows(values, ends[whole], length)
