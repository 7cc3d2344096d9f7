"""How far apart in time the steps of a series are. N: rows."""

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError

JITTER = 0.25  # of the interval, by which a step may come early or late and still be the next one
REGULAR_SHARE = 0.8  # of the steps must come within that; the rest are gaps, or repeat a time
CLOSE = 0.5  # of the interval; rows closer than this are not steps of it


def find_interval(time: NDArray[np.float64], group: NDArray[np.str_] | None) -> float:
    """Return the usual time from one row to the next, in seconds, of rows at ``time`` [N] of ``group`` [N].

    Raises:
        InputError: there is no usual one, or no two rows at different times.
    """
    steps = steps_between(time, group)
    steps = steps[steps > 0]
    if not steps.size:
        raise InputError(
            "the time column never moves on, so there is no sampling interval; give it (sampling_interval)"
        )
    interval = float(np.median(steps))
    regular = float((np.abs(steps - interval) <= JITTER * interval).mean())
    if regular < REGULAR_SHARE:
        raise InputError(
            f"rows must come at a steady interval to be cut into windows: the median is {interval:g} s, and {regular:.0%} of "
            f"the steps come within {JITTER:.0%} of it, expected at least {REGULAR_SHARE:.0%}; bring the series to one "
            "interval first, or give the interval (sampling_interval): rows further apart then count as a gap; if machines or "
            "runs are mixed, name the column that tells them apart (data.group)"
        )
    return interval


def require_interval(time: NDArray[np.float64], group: NDArray[np.str_] | None, interval: float) -> None:
    """Refuse rows that come faster than ``interval`` seconds apart: their windows would span too short a time.

    Raises:
        InputError: says how fast they come.
    """
    steps = steps_between(time, group)
    steps = steps[steps > 0]
    close = steps < CLOSE * interval
    if close.sum() > (1 - REGULAR_SHARE) * steps.size:
        raise InputError(
            f"expected rows {interval:g} s apart, found {close.mean():.0%} of them less than half of that after the row before "
            f"(the median is {np.median(steps):g} s); bring the series to that interval first, or, if machines or runs "
            "are mixed, name the column that tells them apart (data.group)"
        )


def steps_between(time: NDArray[np.float64], group: NDArray[np.str_] | None) -> NDArray[np.float64]:
    """Return the time from each row to the next one of its group, in time order."""
    if group is None:
        return np.diff(np.sort(time))
    order = np.lexsort((time, group))
    steps = np.diff(time[order])
    return np.asarray(steps[group[order][1:] == group[order][:-1]])
