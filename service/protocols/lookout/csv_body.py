"""A CSV body as Lookout for Equipment took it: a column of timestamps, and one for each sensor."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator

from model.features import FeatureSpec
from model.quoting import quoted_list
from service.errors import StructureError, TooManySamplesError, UnreadableBodyError
from service.limits import Limits

TIMESTAMP = "timestamp"  # in capitals or not
MISSING = frozenset(("", "na", "n/a", "#n/a", "nan", "-nan", "null", "none"))


def read_csv(body: bytes, spec: FeatureSpec, limits: Limits) -> tuple[list[object], list[object]]:
    """Return rows in feature order, None where a value is absent, and their timestamps.

    Columns that are neither are passed over. What is no number or time is kept as text: it makes its own row invalid.

    Raises:
        UnreadableBodyError: no UTF-8, or cells that cannot be told apart.
        StructureError: columns are missing or there twice, or there is no row.
        TooManySamplesError: more rows than ``limits`` allow.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableBodyError(f"the body is not UTF-8: {error.reason} at byte {error.start}") from error
    try:
        return _read(csv.reader(io.StringIO(text, newline=""), strict=True), spec, limits)
    except csv.Error as error:
        raise UnreadableBodyError(f"the body is not CSV: {error}") from error


def _read(records: Iterator[list[str]], spec: FeatureSpec, limits: Limits) -> tuple[list[object], list[object]]:
    names = [name.strip() for name in next(records, [])]
    time, columns = _columns(names, spec)
    rows: list[object] = []
    times: list[object] = []
    for cells in records:
        if not cells:
            continue  # a blank line
        if len(rows) == limits.samples:
            raise TooManySamplesError(
                f"a request may hold {limits.samples:,} rows, found more; send them in several requests",
                {"max_samples": limits.samples},
            )
        if len(cells) != len(names):
            raise StructureError(
                f"row {len(rows) + 1} must have {len(names)} cells, as the header has, found {len(cells)}"
            )
        rows.append([_number(cells[column]) for column in columns])
        seconds = _number(cells[time])
        times.append(seconds.strip() if isinstance(seconds, str) else seconds)
    if not rows:
        raise StructureError("the body must have at least one row below the header, found none")
    return rows, times


def _columns(names: list[str], spec: FeatureSpec) -> tuple[int, list[int]]:
    """Find the column of timestamps, and those of the features."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(names):
        places[name].append(place)
    stamps = [
        place for name in places if name.lower() == TIMESTAMP and name not in spec.names for place in places[name]
    ]
    if len(stamps) != 1:
        raise StructureError(f"the header must name one column 'Timestamp', found {quoted_list(names) or 'no header'}")
    missing = [name for name in spec.names if name not in places]
    if missing:
        raise StructureError(
            f"the header must name {quoted_list(missing)}, which it lacks; it has {quoted_list(names)}"
        )
    repeated = [name for name in spec.names if len(places[name]) > 1]
    if repeated:
        raise StructureError(f"the header must name each column once, found {quoted_list(repeated)} more than once")
    return stamps[0], [places[name][0] for name in spec.names]


def _number(cell: str) -> float | str | None:
    text = cell.strip()
    if text.lower() in MISSING:
        return None
    if not text.isascii() or "_" in text:  # Python's spellings, and nobody else's
        return cell
    try:
        return float(text)
    except ValueError:
        return cell
