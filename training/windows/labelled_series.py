"""Labelled series: windows that nothing is fitted to, one for every step, anomalous where their last row is."""

import numpy as np

from model.errors import InputError
from model.features import FeatureSpec
from model.modality import Window
from model.series.windows import Windows, window_ends
from training.clean_samples import LabelledSamples
from training.labelled import Labelled
from training.raw_data import Columns, read_table
from training.windows.series_data import series_of


def read_labelled_series(labelled: Labelled, spec: FeatureSpec, window: Window) -> LabelledSamples:
    """Read a labelled series with the channels of ``spec``; other columns are passed over.

    Rows that cannot be used, repeat a time, or end no whole window (as they follow the start, a gap or such a row too
    closely) are counted among the rejections.

    Raises:
        InputError: a file cannot be read or lacks a column, or no window is whole.
    """
    columns = Columns(features=spec.names, time=window.time, group=window.group, label=labelled.label)
    raw = read_table(labelled.inputs, columns)
    series = series_of(raw, spec, window.sampling_interval, window.longest_step)
    if series.label is None:
        raise InputError(f"{', '.join(labelled.inputs)}: no column '{labelled.label}'")
    ends = window_ends(series.segments, window.length)
    if not ends.size:
        raise InputError(
            f"{', '.join(labelled.inputs)}: no window of {window.length} steps is whole; the longest stretch without a gap "
            f"has {series.segments.lengths.max():,} rows"
        )
    left_out = dict.fromkeys(np.flatnonzero(np.isnan(raw.values).any(axis=1)).tolist(), "a channel has no value")
    left_out |= dict.fromkeys(series.segments.repeated.tolist(), "it repeats the time of another row")
    for row, why in sorted(left_out.items()):
        raw.rejections.add(raw.place[row], why)
    whole = np.zeros(len(series.values), dtype=bool)
    whole[ends] = True
    for position in np.flatnonzero(~whole).tolist():
        raw.rejections.add(series.place[position], f"its window of {window.length} steps is not whole")
    place = [series.place[end] for end in ends.tolist()]
    return LabelledSamples(Windows(series.values, ends, window.length), series.label[ends], place, raw.rejections)
