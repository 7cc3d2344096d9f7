"""The two samples that generated ones lead between, from files."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.features import FeatureSpec
from model.tables.sources import resolve_sources
from model.tables.table import read_rows, require_columns
from model.validity import invalid_samples

Sample = NDArray[np.float64]


def read_ends(inputs: Sequence[str], spec: FeatureSpec) -> tuple[Sample, Sample]:
    """Read the only two samples [F] of the files ``inputs``.

    Raises:
        InputError: the files cannot be read, lack features, hold more or fewer rows, or samples that are invalid.
    """
    found: list[Sample] = []
    for source in resolve_sources(inputs):
        require_columns(source, spec.names)
        for block in read_rows(source):
            if len(found) + len(block) > 2:
                raise InputError(f"{source}: expected two samples to go between, found more")
            x, unreadable = block.numbers(spec.names)
            reasons = {**invalid_samples(x, spec), **unreadable}
            if reasons:
                row = min(reasons)
                raise InputError(f"{source}: row {block.first_row + row}: {reasons[row]}")
            found += [*x]
    if len(found) != 2:
        raise InputError(f"{', '.join(inputs)}: expected two samples to go between, found {len(found)}")
    return found[0], found[1]
