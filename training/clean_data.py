"""The expert's clean data, screened: what is wrong with it is refused or reported, never repaired."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.features import FeatureSpec
from model.validity import MISSING, invalid_samples
from training.config import TrainingConfig
from training.raw_data import Columns, RawTable, Rejections, first_columns, read_table

LARGEST = 1e150  # beyond it squares overflow, and with them every mean and variance


@dataclass(frozen=True)
class Excluded:
    """Where the rows lie that an expert marked, and the files that mark them."""

    places: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class CleanData:
    """Complete clean rows [N, F] in time order, and an account of everything that was left out."""

    spec: FeatureSpec
    values: NDArray[np.float64]
    place: tuple[str, ...]
    group: NDArray[np.str_] | None
    fingerprint: str
    sources: tuple[str, ...]
    rejections: Rejections
    missing_values: Mapping[str, int]
    incomplete_rows: int
    dropped_columns: Mapping[str, str]
    reordered_rows: int
    repeated_rows: int
    excluded: Excluded = Excluded()


def read_clean_data(inputs: Sequence[str], config: TrainingConfig, label: str | None) -> CleanData:
    """Read and screen clean data. A label column may be there, if it calls every row normal.

    Raises:
        InputError: data that cannot be used or, unless asked to drop them, constant or duplicate columns.
    """
    raw = read_table(inputs, columns_of(inputs, config, label))
    if raw.label is not None and raw.label.any():
        rows = np.flatnonzero(raw.label)
        raise InputError(
            f"clean data must hold no anomalies, found {rows.size} rows with {label} = 1 (the first: {raw.place[rows[0]]}); "
            "give them with --test, or leave them out"
        )
    raw, reordered = in_time_order(raw)
    raw, dropped = screen_columns(raw, config)
    return screen_rows(raw, config.feature_spec(raw.names), dropped, reordered)


def screen_rows(raw: RawTable, spec: FeatureSpec, dropped_columns: Mapping[str, str], reordered_rows: int) -> CleanData:
    """Keep the complete rows of ``raw`` that lie within the ranges of ``spec``, and give account of the others.

    Raises:
        InputError: there is no such row.
    """
    missing = {
        name: int(count) for name, count in zip(raw.names, np.isnan(raw.values).sum(axis=0), strict=True) if count
    }
    complete = spec.model_copy(update={"most_absent": 0})
    unusable = beyond_arithmetic(raw) | invalid_samples(raw.values, complete)
    keep = np.ones(len(raw.values), dtype=bool)
    keep[list(unusable)] = False
    incomplete = 0
    for row, why in sorted(unusable.items()):
        if why.startswith(MISSING):
            incomplete += 1
        else:
            raw.rejections.add(raw.place[row], why)
    if not keep.any():
        raise InputError(f"no clean row is complete and within range; the first: {raw.place[0]}: {unusable[0]}")
    return CleanData(
        spec=spec,
        values=raw.values[keep],
        place=tuple(raw.place[row] for row in np.flatnonzero(keep)),
        group=None if raw.group is None else raw.group[keep],
        fingerprint=raw.fingerprint(),
        sources=raw.sources,
        rejections=raw.rejections,
        missing_values=missing,
        incomplete_rows=incomplete,
        dropped_columns=dropped_columns,
        reordered_rows=reordered_rows,
        repeated_rows=count_repeated(raw.values[keep]),
    )


def beyond_arithmetic(raw: RawTable) -> dict[int, str]:
    """Find rows with a value too large to compute with: row index to reason."""
    rows, columns = np.nonzero(np.abs(raw.values) > LARGEST)
    return {
        int(row): f"'{raw.names[column]}' is {raw.values[row, column]:g}, too large to compute with"
        for row, column in zip(rows, columns, strict=True)
    }


def columns_of(inputs: Sequence[str], config: TrainingConfig, label: str | None) -> Columns:
    """Say which columns of clean data mean what; the label column need not be there."""
    data = config.data
    present = label if label in first_columns(inputs) else None
    return Columns(time=data.time, group=data.group, label=present, ignore=data.ignore)


def in_time_order(raw: RawTable) -> tuple[RawTable, int]:
    """Put rows in the order of their time; also return how many stood elsewhere."""
    if raw.time is None:
        return raw, 0
    order = np.argsort(raw.time, kind="stable")
    late = int((raw.time < np.maximum.accumulate(raw.time)).sum())
    if not late:
        return raw, 0
    return replace(
        raw,
        values=raw.values[order],
        place=tuple(raw.place[row] for row in order),
        time=raw.time[order],
        group=None if raw.group is None else raw.group[order],
    ), late


def screen_columns(raw: RawTable, config: TrainingConfig) -> tuple[RawTable, dict[str, str]]:
    """Leave out columns that never change or repeat another, and say why.

    Raises:
        InputError: unless asked to drop them.
    """
    constant, duplicate = _constant(raw), _duplicates(raw)
    if constant and config.data.constant == "refuse":
        raise InputError(
            f"these columns never change, so nothing can be learned from them: {_listed(constant)}; "
            "drop them (--drop-constant), or name them under ignore"
        )
    duplicate = {name: why for name, why in duplicate.items() if name not in constant}
    if duplicate and config.data.duplicate == "refuse":
        raise InputError(
            f"these columns repeat another: {_listed(duplicate)}; drop them (--drop-duplicates), or name them under ignore"
        )
    dropped = constant | duplicate
    kept = [index for index, name in enumerate(raw.names) if name not in dropped]
    if not kept:
        raise InputError(f"no feature is left after dropping {_listed(dropped)}")
    names = tuple(raw.names[index] for index in kept)
    return replace(raw, names=names, values=np.ascontiguousarray(raw.values[:, kept])), dropped


def _constant(raw: RawTable) -> dict[str, str]:
    found = {}
    for name, column in zip(raw.names, raw.values.T, strict=True):
        present = column[~np.isnan(column)]
        if present.size == 0:
            found[name] = "has no value at all"
        elif present.min() == present.max():
            found[name] = f"always {present[0]:g}"
    return found


def _duplicates(raw: RawTable) -> dict[str, str]:
    first: dict[bytes, str] = {}
    found = {}
    for name, column in zip(raw.names, raw.values.T, strict=True):
        original = first.setdefault(np.ascontiguousarray(column).tobytes(), name)
        if original != name:
            found[name] = f"the same as {original}"
    return found


def count_repeated(values: NDArray[np.float64]) -> int:
    """Count the rows that repeat an earlier one exactly."""
    return len(values) - len({row.tobytes() for row in values})


def _listed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"'{name}' ({why})" for name, why in columns.items())
