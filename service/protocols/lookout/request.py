"""What is to be judged and written as lines: rows with times, in CSV or in JSON, and the component that they come from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from model.manifest import NAME
from model.validity import UNREADABLE_TIME, reason
from service.errors import StructureError
from service.limits import Limits
from service.protocols.lookout.csv_body import read_csv
from service.protocols.series import Series
from service.registry.models import ServedModel
from service.samples import read_samples
from service.streams.request import parse_rows
from service.streams.times import read_times
from service.wording import listed, shown

CSV = "text/csv"
FIELDS = ("component",)
_PLAIN = re.compile(NAME)


@dataclass(frozen=True)
class LinesRequest:
    """Rows to be judged, and the component whose sensors gave them."""

    series: Series
    component: str


def parse_lines(
    body: bytes, is_csv: bool, query: Sequence[tuple[str, str]], model: ServedModel, limits: Limits
) -> LinesRequest:
    """Read rows of ``model``, each with its time, and ``query``'s fields.

    Raises:
        UnreadableBodyError: neither CSV nor JSON.
        StructureError: columns or fields are missing, or rows do not fit the model.
        TooManySamplesError: more rows than ``limits`` allow.
    """
    component = _component(query, model.name)
    if is_csv:
        rows, stamps = read_csv(body, model.spec, limits)
        read = read_samples(rows, model.spec, may_hold_booleans=False)
        times, untimed = read_times(stamps)
        return LinesRequest(dated_series(read.x, times, {**read.unreadable, **untimed}), component)
    asked = parse_rows(body, model.spec, limits)
    if asked.times is None:
        raise StructureError("the body must have 'times', one for each row: every line has its own")
    if any(name is not None for name in asked.ids):
        raise StructureError("the body may not have 'ids': a line is known by its time")
    return LinesRequest(dated_series(asked.x, asked.times, asked.unreadable), component)


def timestamp(seconds: float) -> str | None:
    """Write a time as Lookout for Equipment did, in UTC; None where it is none that has a date."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    except (OverflowError, ValueError, OSError):
        return None


def dated_series(x: NDArray[np.float64], times: NDArray[np.float64], unreadable: dict[int, str]) -> Series:
    """Make a series of rows, of which those are unreadable, too, whose time no line could name."""
    unreadable = dict(unreadable)
    for row, seconds in enumerate(times.tolist()):
        if row not in unreadable and timestamp(seconds) is None:
            unreadable[row] = reason(UNREADABLE_TIME, f"{seconds:g} s from 1970 is in no year from 1 to 9999")
    return Series(x, times, unreadable)


def _component(query: Sequence[tuple[str, str]], name: str) -> str:
    unknown = [field for field, _ in query if field not in FIELDS]
    if unknown:
        raise StructureError(f"the query may have the fields {listed(FIELDS)}, found {listed(unknown)}")
    if len(query) > 1:
        raise StructureError("each field of the query may be there once")
    component = dict(query).get("component", name)
    if not _PLAIN.fullmatch(component):
        raise StructureError(
            "'component' has 1 to 100 of the characters A-Z a-z 0-9 . _ - and begins with a letter or digit, "
            f"found {shown(component)}"
        )
    return component
