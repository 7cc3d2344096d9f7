"""Of windows, those that see only some of a series' rows. K: rows."""

import numpy as np

from model.series.segments import Rows
from model.series.windows import Windows


def windows_within(windows: Windows, rows: Rows) -> Windows:
    """Keep the windows all of whose steps are among ``rows``, positions in the windows' values."""
    among = np.zeros(len(windows.values) + 1, dtype=np.intp)
    among[rows + 1] = 1
    before = np.cumsum(among)
    steps = before[windows.ends + 1] - before[windows.ends + 1 - windows.length]
    return Windows(windows.values, windows.ends[steps == windows.length], windows.length)
