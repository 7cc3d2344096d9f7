"""What a clean row is known by, wherever it lies in whichever file: its values."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DIGITS = 16


def row_keys(values: NDArray[np.float64], names: Sequence[str]) -> list[str]:
    """Digest each row of ``values`` [N, F]: rows have the same key where features and values are the same, to the bit.

    The order of the columns does not matter. A key begins with a letter, so that no spreadsheet takes it for a number.
    """
    by_name = np.argsort(np.array(names))
    start = hashlib.sha256("\0".join(names[index] for index in by_name).encode())
    keys = []
    for row in np.ascontiguousarray(values[:, by_name] + 0.0, dtype="<f8"):  # + 0.0: minus zero is zero
        digest = start.copy()
        digest.update(row.tobytes())
        keys.append(f"r{digest.hexdigest()[:DIGITS]}")
    return keys
