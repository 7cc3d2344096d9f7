"""A request body as what it asks of a stream: rows to judge, or an alarm to shelve."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.features import FeatureSpec
from model.manifest import NAME
from service.errors import StructureError
from service.json_body import parse_json
from service.limits import Limits
from service.sample_request import Id, read_ids, read_list
from service.samples import read_samples
from service.streams.times import read_times
from service.wording import listed, shown

ROWS_FIELDS = ("rows", "times", "ids")
SHELVE_FIELDS = ("minutes", "reason")
MOST_MINUTES = 10_080  # a week: what is to be silent for longer belongs out of service
MOST_REASON = 200
_PLAIN = re.compile(NAME)


@dataclass(frozen=True)
class RowsRequest:
    """Rows ``x`` [B, F] in the order they came, ``times`` [B] in seconds or None, and by row why one is unreadable."""

    x: NDArray[np.float64]
    times: NDArray[np.float64] | None
    unreadable: dict[int, str]
    ids: Sequence[Id] | Sequence[None]


@dataclass(frozen=True)
class ShelveRequest:
    """For how long an alarm shall not be annunciated, and why."""

    minutes: float
    reason: str


def check_stream_name(stream: str) -> None:
    """Refuse a name that would not be safe in a log or a path.

    Raises:
        StructureError: it is anything but 1 to 100 plain characters.
    """
    if not _PLAIN.fullmatch(stream):
        raise StructureError(
            "a stream's name has 1 to 100 of the characters A-Z a-z 0-9 . _ - and begins with a letter or digit, "
            f"found {shown(stream)}"
        )


def parse_rows(body: bytes, spec: FeatureSpec, limits: Limits) -> RowsRequest:
    """Read a request to judge rows of ``spec``.

    Raises:
        UnreadableBodyError: not JSON.
        StructureError: JSON of another form; names each bad row.
        TooManySamplesError: more rows than ``limits`` allow.
    """
    parsed = _object(body, ROWS_FIELDS, "rows")
    rows = read_list(parsed, "rows", limits)
    times = parsed.get("times")
    if times is not None and (not isinstance(times, list) or len(times) != len(rows)):
        found = f"{len(times):,}" if isinstance(times, list) else shown(times)
        raise StructureError(f"'times' must be an array of {len(rows):,} times, one for each row, found {found}")
    read = read_samples(rows, spec, may_hold_booleans=b"true" in body or b"false" in body)
    seconds, untimed = (None, {}) if times is None else read_times(times)
    return RowsRequest(read.x, seconds, {**read.unreadable, **untimed}, read_ids(parsed, len(rows)))


def parse_shelve(body: bytes) -> ShelveRequest:
    """Read a request to shelve an alarm.

    Raises:
        UnreadableBodyError: not JSON.
        StructureError: no minutes within a week, or no reason.
    """
    parsed = _object(body, SHELVE_FIELDS, "minutes")
    minutes, reason = parsed.get("minutes"), parsed.get("reason")
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 0 < minutes <= MOST_MINUTES:
        raise StructureError(
            f"'minutes' must be a number above 0 and at most {MOST_MINUTES:,}, found {shown(minutes)}",
            {"max_minutes": MOST_MINUTES},
        )
    if not isinstance(reason, str) or not reason.strip() or len(reason) > MOST_REASON or not reason.isprintable():
        raise StructureError(
            f"'reason' must be one line of 1 to {MOST_REASON} characters, for whoever finds the alarm shelved, "
            f"found {shown(reason)}"
        )
    return ShelveRequest(float(minutes), reason)


def _object(body: bytes, fields: Sequence[str], needed: str) -> dict[str, object]:
    parsed = parse_json(body)
    if not isinstance(parsed, dict):
        raise StructureError(f"the body must be an object with '{needed}', found {shown(parsed)}")
    unknown = [name for name in parsed if name not in fields]
    if unknown:
        raise StructureError(f"the body may have the fields {listed(sorted(fields))}, found {listed(unknown)}")
    return parsed
