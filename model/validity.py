"""Which samples can be judged at all. A sample that cannot is ``invalid``, with the reason, and never normal."""

from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.features import FeatureSpec

MISSING = "missing_value"
INFINITE = "infinite_value"
NOT_A_NUMBER = "not_a_number"
OUT_OF_RANGE = "out_of_range"
UNREADABLE = "unreadable_row"
NOT_SCORABLE = "not_scorable"
UNREADABLE_IMAGE = "unreadable_image"
UNSUPPORTED_IMAGE = "unsupported_image"
IMAGE_TOO_LARGE = "image_too_large"
WRONG_GEOMETRY = "wrong_geometry"
INCOMPLETE_WINDOW = "incomplete_window"
OUT_OF_ORDER = "out_of_order"
DUPLICATE_TIME = "duplicate_time"
UNREADABLE_TIME = "unreadable_time"
WINDOWS = 3  # dimensions of a batch of windows
REASON_CODES = (
    *(MISSING, INFINITE, NOT_A_NUMBER, OUT_OF_RANGE, UNREADABLE, NOT_SCORABLE),
    *(UNREADABLE_IMAGE, UNSUPPORTED_IMAGE, IMAGE_TOO_LARGE, WRONG_GEOMETRY),
    *(INCOMPLETE_WINDOW, OUT_OF_ORDER, DUPLICATE_TIME, UNREADABLE_TIME),
)


def reason(code: str, detail: str) -> str:
    """Join a reason's code and detail; what stands before the first colon is always one of ``REASON_CODES``."""
    return f"{code}: {detail}"


def invalid_samples(x: NDArray[Any], spec: FeatureSpec) -> dict[int, str]:
    """Find the samples of ``x`` that cannot be judged: row index to reason.

    Rows [B, F] and windows [B, T, F] are NaN where a value is absent; pixels [B, H, W, C] are values in any case.
    """
    if x.dtype != np.float64:
        return {}
    if not spec.has_ranges and isfinite(x.sum()):  # one look is enough: what is not finite makes the sum so
        return {}
    least, greatest = spec.finite_range
    good = (x >= least) & (x <= greatest)  # NaN compares false
    if good.all():
        return {}
    if spec.most_absent:
        absent = np.isnan(x)
        good |= absent & (absent.sum(axis=1, keepdims=True) <= spec.most_absent)
    if x.ndim == WINDOWS:
        rows = np.flatnonzero(~good.all(axis=(1, 2)))
        return {int(row): _first_step(x[row], good[row], spec) for row in rows}
    return {int(row): _first_fault(x[row], spec) for row in np.flatnonzero(~good.all(axis=1))}


def _first_step(window: NDArray[np.float64], good: NDArray[np.bool_], spec: FeatureSpec) -> str:
    step = int(np.flatnonzero(~good.all(axis=1))[0])
    return f"{_first_fault(window[step], spec)} in step {step + 1} of {len(window)}"


def _first_fault(sample: NDArray[np.float64], spec: FeatureSpec) -> str:
    missing = np.flatnonzero(np.isnan(sample))
    if missing.size > spec.most_absent:
        names = ", ".join(f"'{spec.names[i]}'" for i in missing[:5])
        more = f" and {missing.size - 5} more" if missing.size > 5 else ""
        found = f"{names}{more} has no value" if missing.size == 1 else f"{names}{more} have no value"
        return reason(MISSING, f"{found}; at most {spec.most_absent} may be absent" if spec.most_absent else found)
    infinite = np.flatnonzero(np.isinf(sample))
    if infinite.size:
        return reason(INFINITE, f"'{spec.names[infinite[0]]}' is infinite")
    outside = int(np.flatnonzero((sample < spec.lows) | (sample > spec.highs))[0])
    return reason(OUT_OF_RANGE, spec.describe_outside(outside, float(sample[outside])))
