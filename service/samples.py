"""Samples as JSON has them, arrays in feature order or objects by feature name, as one array of numbers."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from model.features import FeatureSpec
from model.quoting import quoted
from model.validity import NOT_A_NUMBER, reason
from service.sample_faults import SampleFaults
from service.wording import shown


@dataclass(frozen=True)
class Samples:
    """Samples ``x`` [B, F] in feature order, NaN where a value is null, and by row why a sample cannot be read."""

    x: NDArray[np.float64]
    unreadable: dict[int, str]


def read_samples(samples: Sequence[object], spec: FeatureSpec, may_hold_booleans: bool) -> Samples:
    """Turn parsed JSON into numbers.

    A value that is no number makes its sample unreadable; only the structure can fail the request.
    ``may_hold_booleans`` asks to look for them: packing takes them for 0 and 1.

    Raises:
        StructureError: samples of the wrong length, with unknown or (where no value may be absent) missing feature names, or of mixed forms.
    """
    named = isinstance(samples[0], dict)
    pick = _those_present_of if spec.most_absent else _in_order_of
    in_order = pick(spec.names) if named else _as_given
    width = len(spec)
    x = np.empty((len(samples), width))
    buffer, packed = x.data.cast("B"), struct.Struct(f"{width}d")
    unreadable: dict[int, str] = {}
    faults = SampleFaults(spec.names, named)
    for row, sample in enumerate(samples):
        values = in_order(sample)
        if values is None or len(values) != width:
            faults.add(row, sample)
            continue
        try:
            packed.pack_into(buffer, row * packed.size, *values)
            readable = not may_hold_booleans or bool not in map(type, values)
        except struct.error:
            readable = False
        if not readable:
            fault = _read_with_care(values, spec.names, x[row])
            if fault:
                unreadable[row] = fault
    faults.refuse(len(samples))
    return Samples(x, unreadable)


def _as_given(sample: object) -> Sequence[object] | None:
    return sample if isinstance(sample, list) else None


def _in_order_of(names: Sequence[str]) -> Callable[[object], Sequence[object] | None]:
    # A repeated name makes itemgetter return a tuple for a single feature too.
    pick = itemgetter(*names, names[0])

    def in_order(sample: object) -> Sequence[object] | None:
        if not isinstance(sample, dict) or len(sample) != len(names):
            return None
        try:
            values: tuple[object, ...] = pick(sample)
        except KeyError:
            return None
        return values[:-1]

    return in_order


def _those_present_of(names: Sequence[str]) -> Callable[[object], Sequence[object] | None]:
    """Take objects that may lack names, for a model whose samples may lack values."""
    known = frozenset(names)

    def in_order(sample: object) -> Sequence[object] | None:
        return [sample.get(name) for name in names] if isinstance(sample, dict) and sample.keys() <= known else None

    return in_order


def _read_with_care(values: Sequence[object], names: Sequence[str], into: NDArray[np.float64]) -> str | None:
    """Fill one row value by value, NaN where there is none to have, and say what the first wrong one is."""
    fault = None
    for column, value in enumerate(values):
        if isinstance(value, int | float) and not isinstance(value, bool):
            into[column] = value
            continue
        into[column] = np.nan
        if value is not None and fault is None:
            found = quoted(value) if isinstance(value, str) else shown(value)
            fault = reason(NOT_A_NUMBER, f"'{names[column]}' is {found}, expected a number")
    return fault
