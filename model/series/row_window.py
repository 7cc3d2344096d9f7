"""The rows of a stream that follow each other, and which of those that arrive complete a window."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.validity import DUPLICATE_TIME, INCOMPLETE_WINDOW, OUT_OF_ORDER, reason


@dataclass(frozen=True)
class Arrived:
    """What became of rows that arrived: a window for each of the rows ``ready``, or by row the reason without one.

    ``window`` is what is kept for the next rows. ``gaps`` says by row what lies between it and the row before.
    """

    window: "RowWindow"
    ready: tuple[int, ...]
    reasons: dict[int, str]
    gaps: dict[int, str]
    _series: NDArray[np.float64]
    _ends: NDArray[np.intp]

    def windows(self, part: slice, length: int) -> NDArray[np.float64]:
        """Return the windows [n, length, F] that end with a ``part`` of the rows ``ready``."""
        sliding = np.lib.stride_tricks.sliding_window_view(self._series, length, axis=0).swapaxes(1, 2)
        return np.ascontiguousarray(sliding[self._ends[part] - length + 1])


@dataclass(frozen=True)
class RowWindow:
    """The last rows [m, F], oldest first, nothing missing between them, and the time of the last row that had one."""

    rows: NDArray[np.float64]
    last_time: float | None = None

    def take(
        self,
        x: NDArray[np.float64],
        times: NDArray[np.float64] | None,
        invalid: Mapping[int, str],
        length: int,
        longest: float | None,
    ) -> Arrived:
        """Append rows ``x`` [B, F] at ``times`` [B] in seconds, NaN where unreadable; ``invalid`` says by row why.

        A row that is out of order, or has the time of the row before, is passed over. An invalid row, or a gap, ends what
        came before: no window spans it. A step of more than ``longest`` seconds is a gap; None: whatever the step.
        """
        reasons: dict[int, str] = {}
        gaps: dict[int, str] = {}
        ready, ends, accepted = [], [], []
        run, last, kept = len(self.rows), self.last_time, len(self.rows)
        for row in range(len(x)):
            if times is not None and not np.isnan(times[row]):
                time = float(times[row])
                if last is not None and time <= last:
                    reasons[row] = _disorder(time, last)
                    continue
                if longest is not None and last is not None and time - last > longest:
                    gaps[row] = (
                        f"{time - last:g} s after the row before, at most {longest:g} s join on: a new window begins"
                    )
                    run = 0
                last = time
            if row in invalid:
                reasons[row] = invalid[row]
                run = 0
                continue
            accepted.append(row)
            run += 1
            if run >= length:
                ready.append(row)
                ends.append(kept + len(accepted) - 1)
            else:
                reasons[row] = reason(INCOMPLETE_WINDOW, f"row {run} of {length}")
        series = np.concatenate([self.rows, x[accepted]])
        keep = min(run, length)
        window = RowWindow(series[len(series) - keep :].copy(), last)
        return Arrived(window, tuple(ready), reasons, gaps, series, np.array(ends, dtype=np.intp))


def _disorder(time: float, last: float) -> str:
    if time == last:
        return reason(DUPLICATE_TIME, "a row with this time has been taken")
    return reason(OUT_OF_ORDER, f"{last - time:g} s before a row that has been taken")
