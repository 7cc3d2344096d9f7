"""Labelled test data: nothing is fitted to it, and its anomalous rows are known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.features import FeatureSpec
from training.raw_data import Columns, Rejections, read_table


@dataclass(frozen=True)
class Labelled:
    """Where the test data lies, and the column that tells its anomalous rows."""

    inputs: tuple[str, ...]
    label: str


@dataclass(frozen=True)
class LabelledRows:
    """Rows [m, F] in engineering units, NaN where a value is missing; ``place`` names each row's file and record."""

    values: NDArray[np.float64]
    anomalous: NDArray[np.bool_]
    place: tuple[str, ...]
    sources: tuple[str, ...]
    rejections: Rejections


def read_labelled(labelled: Labelled, spec: FeatureSpec) -> LabelledRows:
    """Read labelled rows with the features of ``spec``; other columns are passed over.

    Raises:
        InputError: a file cannot be read, or lacks a feature or the label.
    """
    table = read_table(labelled.inputs, Columns(features=spec.names, label=labelled.label))
    if table.label is None:
        raise InputError(f"{', '.join(labelled.inputs)}: no column '{labelled.label}'")
    return LabelledRows(table.values, table.label, table.place, table.sources, table.rejections)
