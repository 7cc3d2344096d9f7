"""Leaving out of the clean rows what an expert marked, and nothing else."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from model.errors import InputError
from training.clean_data import CleanData, Excluded, count_repeated
from training.suspects.marks import read_marks
from training.suspects.row_key import row_keys


def leave_out_marked(clean: CleanData, files: Sequence[Path]) -> CleanData:
    """Leave out the rows that are marked in ``files``, found by their values: every row that has them goes.

    Raises:
        InputError: a file cannot be understood, or marks a row that is not among the clean ones.
    """
    if not files:
        return clean
    marks = [mark for file in files for mark in read_marks(file, clean.spec.names)]
    keys = row_keys(clean.values, clean.spec.names)
    there = set(keys)
    strange = [mark for mark in marks if mark.key not in there]
    if strange:
        more = f" ({len(strange):,} of {len(marks):,} marked rows cannot)" if len(marks) > 1 else ""
        raise InputError(
            f"{strange[0].where}: this row cannot be found among the {len(keys):,} clean rows, none has its values{more}; "
            "the data are not those that the suspects were listed from, or have changed since"
        )
    marked = {mark.key for mark in marks}
    out = np.array([key in marked for key in keys])
    if out.all():
        raise InputError(f"{', '.join(map(str, files))}: every clean row is marked, nothing is left to train on")
    kept = np.flatnonzero(~out)
    digest = hashlib.sha256(" ".join([clean.fingerprint, *sorted(marked)]).encode()).hexdigest()
    return replace(
        clean,
        values=clean.values[kept],
        place=tuple(clean.place[row] for row in kept),
        group=None if clean.group is None else clean.group[kept],
        fingerprint=f"sha256:{digest}",
        repeated_rows=count_repeated(clean.values[kept]),
        excluded=Excluded(tuple(clean.place[row] for row in np.flatnonzero(out)), tuple(str(file) for file in files)),
    )
