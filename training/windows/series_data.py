"""The expert's clean series, screened: channels over time, in segments that no window may leave. K: rows, F: channels."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.features import FeatureSpec
from model.series.interval import find_interval, require_interval
from model.series.segments import Rows, Segments, find_segments
from model.validity import MISSING, invalid_samples
from training.alarm_budget import interval_seconds
from training.clean_data import beyond_arithmetic, columns_of, screen_columns
from training.config import TrainingConfig
from training.data_notes import DataNotes
from training.left_out import tell_left_out
from training.raw_data import RawTable, read_table
from training.windows.record_order import by_record

log = logging.getLogger("plumbline.training")

NO_TIME = 1.0  # seconds from row to row where no column tells
MOST_REPEATED = 0.1  # share of the rows; more that repeat a time are a second machine or run, not a slip


@dataclass(frozen=True)
class Series:
    """Usable rows ``values`` [K, F] in segment order, with the place and group of each, ``interval`` seconds apart.

    ``label`` [K] is True for rows labelled anomalous; None where there are no labels.
    """

    spec: FeatureSpec
    values: NDArray[np.float64]
    segments: Segments
    interval: float
    place: tuple[str, ...]
    group: NDArray[np.str_] | None
    label: NDArray[np.bool_] | None
    fingerprint: str
    sources: tuple[str, ...]
    notes: DataNotes


def read_series(inputs: Sequence[str], config: TrainingConfig, label: str | None) -> Series:
    """Read and screen a clean series. A label column may be there, if it calls every row normal.

    Raises:
        InputError: data that cannot be used, irregular sampling, or columns that are constant or repeat another.
    """
    raw = read_table(inputs, columns_of(inputs, config, label))
    if raw.label is not None and raw.label.any():
        rows = np.flatnonzero(raw.label)
        raise InputError(
            f"clean data must hold no anomalies, found {rows.size} rows with {label} = 1 (the first: {raw.place[rows[0]]}); "
            "give them with --test, or leave them out"
        )
    raw, dropped = screen_columns(raw, config)
    asked = config.window.sampling_interval
    if asked is not None:
        interval = interval_seconds(asked)
    else:
        interval = NO_TIME if raw.time is None else find_interval(raw.time, raw.group)
    return series_of(raw, config.feature_spec(raw.names), interval, config.window.longest_step, dropped)


def series_of(
    raw: RawTable, spec: FeatureSpec, interval: float, longest_step: float, dropped: dict[str, str] | None = None
) -> Series:
    """Put the rows of ``raw`` in order and cut them into segments; give account of all that is left out.

    Steps longer than ``longest_step`` times ``interval``, in seconds, are gaps.

    Raises:
        InputError: no row can be used, rows come faster than that, or too many repeat a time.
    """
    unusable = beyond_arithmetic(raw) | invalid_samples(raw.values, spec)
    usable = np.ones(len(raw.values), dtype=bool)
    usable[list(unusable)] = False
    if raw.time is not None:
        require_interval(raw.time, raw.group, interval)
    time, group = (raw.time, raw.group) if raw.time is not None else by_record(raw)
    longest = longest_step * interval if raw.time is not None else NO_TIME
    segments = find_segments(time, group, usable, longest)
    _refuse_mixed(raw, segments)
    repeated = set(segments.repeated.tolist())
    unusable = {row: why for row, why in sorted(unusable.items()) if row not in repeated}
    incomplete = sum(why.startswith(MISSING) for why in unusable.values())
    for row, why in unusable.items():
        if not why.startswith(MISSING):
            raw.rejections.add(raw.place[row], why)
    if not segments.order.size:
        row, why = next(iter(unusable.items()))
        raise InputError(f"no row is complete and within range; the first: {raw.place[row]}: {why}")
    order = segments.order
    return Series(
        spec=spec,
        values=np.ascontiguousarray(raw.values[order]),
        segments=segments,
        interval=interval,
        place=tuple(raw.place[row] for row in order),
        group=None if raw.group is None else raw.group[order],
        label=None if raw.label is None else raw.label[order],
        fingerprint=raw.fingerprint(),
        sources=raw.sources,
        notes=DataNotes(
            rejected_rows=raw.rejections.count,
            rejections=tuple(raw.rejections.sentences),
            missing_values={
                name: int(count)
                for name, count in zip(raw.names, np.isnan(raw.values).sum(axis=0), strict=True)
                if count
            },
            incomplete_rows=incomplete,
            dropped_columns=dropped or {},
            remarks=_remarks(raw, segments, longest),
        ),
    )


def _refuse_mixed(raw: RawTable, segments: Segments) -> None:
    repeated = segments.repeated
    if repeated.size > MOST_REPEATED * len(raw.values):
        raise InputError(
            f"{repeated.size:,} of {len(raw.values):,} rows repeat the time of another (the first: {raw.place[_first(repeated)]}); "
            "if machines or runs are mixed, name the column that tells them apart (data.group), else leave the copies out"
        )


def _remarks(raw: RawTable, segments: Segments, longest: float) -> tuple[str, ...]:
    after = f"a gap of more than {longest:g} s" if raw.time is not None else "a record that cannot be read"
    found = (
        (segments.after_gap, f"come after {after}"),
        (segments.repeated, "repeat the time of another and are left out"),
        (segments.late, "stood behind a later one and were put in their place in time"),
    )
    return tuple(
        f"rows that {what}: {rows.size:,}, the first: {raw.place[_first(rows)]}" for rows, what in found if rows.size
    )


def _first(rows: Rows) -> int:
    return int(rows.min())


def tell_series(series: Series) -> None:
    """Log how long the series is, how it is interrupted, and what of it cannot be used."""
    count = series.segments.starts.size
    log.info(
        "%s rows of %d channels, %g s apart, in %s without a gap",
        f"{len(series.values):,}", len(series.spec), series.interval,
        "one stretch" if count == 1 else f"{count:,} stretches",
    )  # fmt: skip
    tell_left_out(series.notes)
