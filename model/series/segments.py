"""Stretches of a series without a gap: what windows may lie in. N: rows, K: rows that are kept."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Segments:
    """Rows in order, segment after segment: ``order`` [K] are their numbers, ``starts`` and ``lengths`` cut it.

    ``after_gap``, ``repeated`` and ``late`` are the rows that come after a gap, repeat the time of another (and are left
    out), or stood in the file behind a later one of their group (and were put in their place).
    """

    order: Rows
    starts: Rows
    lengths: Rows
    after_gap: Rows
    repeated: Rows
    late: Rows

    def of_position(self) -> Rows:
        """Number each position's segment [K]."""
        return np.repeat(np.arange(self.starts.size), self.lengths)


def find_segments(
    time: NDArray[np.float64] | None, group: NDArray[np.str_] | None, usable: NDArray[np.bool_], longest: float
) -> Segments:
    """Cut N rows into segments: no segment holds two groups, a step of more than ``longest`` seconds, or an unusable row.

    ``time`` [N] is in seconds; without it the rows of a group follow each other as they stand. Of rows of a group that
    repeat a time the first stays. Groups come in the order of their first row in time.
    """
    rows = np.arange(usable.size)
    belongs = np.zeros(rows.size, dtype=np.intp) if group is None else np.unique(group, return_inverse=True)[1]
    when = rows.astype(np.float64) if time is None else time
    in_time = np.lexsort((rows, when))
    order = in_time[np.argsort(_rank(belongs[in_time]), kind="stable")]
    step = np.diff(when[order], prepend=-np.inf)
    new_group = np.diff(belongs[order], prepend=-1) != 0
    again = ~new_group & (step == 0)
    repeated = order[again]
    order, step, new_group = order[~again], step[~again], new_group[~again]
    gap = ~new_group & (step > longest) if time is not None else np.zeros(order.size, dtype=np.bool_)
    good = usable[order]
    begins = new_group | gap | ~np.concatenate([[False], good[:-1]])
    kept = order[good]
    starts = np.flatnonzero(begins[good])
    return Segments(
        order=kept,
        starts=starts,
        lengths=np.diff(starts, append=kept.size),
        after_gap=order[gap],
        repeated=repeated,
        late=_late(when, belongs),
    )


def _rank(belongs: Rows) -> Rows:
    """Number groups in the order of their first appearance."""
    _, first, of_row = np.unique(belongs, return_index=True, return_inverse=True)
    rank = np.empty(first.size, dtype=np.intp)
    rank[np.argsort(first)] = np.arange(first.size)
    return np.asarray(rank[of_row])


def _late(when: NDArray[np.float64], belongs: Rows) -> Rows:
    by_group = np.argsort(belongs, kind="stable")  # each group's rows as they stand in the file
    groups = np.split(by_group, np.flatnonzero(np.diff(belongs[by_group])) + 1)
    return np.sort(np.concatenate([rows[when[rows] < np.maximum.accumulate(when[rows])] for rows in groups]))
