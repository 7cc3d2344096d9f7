"""The order of a series without a time column: that of its records."""

import numpy as np
from numpy.typing import NDArray

from model.series.segments import Rows
from training.raw_data import RawTable


def by_record(raw: RawTable) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    """Count the rows of a group, in its file, for their time: records that could not be read leave a gap for every group.

    Each count begins at the group's first row, so that groups come in the order in which they appear.
    """
    files, records = zip(*(place.rsplit(" row ", 1) for place in raw.place), strict=True)
    file = np.array(files, dtype=np.str_)
    group = file if raw.group is None else np.char.add(np.char.add(raw.group, "\0"), file)
    first, count = _counted(group)
    absent = np.array(records, dtype=np.intp) - _counted(file)[1]  # records missing before it
    return (first + count + absent - absent[first]).astype(np.float64), group


def _counted(names: NDArray[np.str_]) -> tuple[Rows, Rows]:
    """Give for each row the first one of its name, and how many of that name stand before it."""
    _, first, of_row, sizes = np.unique(names, return_index=True, return_inverse=True, return_counts=True)
    count = np.empty(names.size, dtype=np.intp)
    count[np.argsort(of_row, kind="stable")] = np.concatenate([np.arange(size) for size in sizes])
    return first[of_row], count
