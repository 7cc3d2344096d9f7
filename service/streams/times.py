"""Times as JSON has them, numbers in seconds or text in ISO 8601, as seconds."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from model.quoting import quoted
from model.validity import UNREADABLE_TIME, reason
from service.wording import shown


def read_times(times: Sequence[object]) -> tuple[NDArray[np.float64], dict[int, str]]:
    """Return seconds [B], NaN where a time cannot be read, and by row why; a text without an offset is in UTC."""
    seconds = np.empty(len(times))
    unreadable: dict[int, str] = {}
    for row, time in enumerate(times):
        seconds[row] = _seconds(time)
        if math.isnan(seconds[row]):
            found = quoted(time) if isinstance(time, str) else shown(time)
            unreadable[row] = reason(UNREADABLE_TIME, f"expected seconds or ISO 8601, found {found}")
    return seconds, unreadable


def _seconds(time: object) -> float:
    if isinstance(time, int | float) and not isinstance(time, bool):
        return float(time) if math.isfinite(time) else math.nan
    if not isinstance(time, str):
        return math.nan
    try:
        read = datetime.fromisoformat(time)
    except ValueError:
        return math.nan
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def iso(seconds: float | None) -> str | None:
    """Write a time of our own clock."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
