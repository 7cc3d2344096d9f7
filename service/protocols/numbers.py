"""A column of values as JSON has them, as numbers."""

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.quoting import quoted
from service.wording import shown


def read_numbers(
    found: Sequence[object], may_hold_booleans: bool, width: int = 1
) -> tuple[NDArray[np.float64], dict[int, str]]:
    """Return ``found`` as float64 [n], NaN where one is null, and by place what stands where a number should.

    Of every ``width`` values, which belong together, only the first such place is given. ``may_hold_booleans`` asks to
    look for them: packing takes them for 0 and 1.
    """
    values = np.empty(len(found))
    try:
        struct.Struct(f"{len(found)}d").pack_into(values.data.cast("B"), 0, *found)
        if not may_hold_booleans or bool not in map(type, found):
            return values, {}
    except (struct.error, OverflowError):
        pass  # something among them is no number; find out what
    faults: dict[int, str] = {}
    faulty = -1
    for place, value in enumerate(found):
        if isinstance(value, int | float) and not isinstance(value, bool):
            values[place] = value
        else:
            values[place] = np.nan
            if value is not None and place // width != faulty:
                faulty = place // width
                faults[place] = quoted(value) if isinstance(value, str) else shown(value)
    return values, faults
