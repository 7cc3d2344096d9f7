"""The body of a request to detect the last point: variables with timestamps and values of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from model.validity import NOT_A_NUMBER, reason
from service.errors import StructureError, TooManySamplesError
from service.json_body import parse_json
from service.limits import Limits
from service.protocols.numbers import read_numbers
from service.protocols.series import Series
from service.registry.models import ServedModel
from service.streams.times import read_times
from service.wording import listed, shown

FIELDS = ("variables", "topContributorCount")
VARIABLE_FIELDS = ("variable", "timestamps", "values")
MOST_CONTRIBUTORS, CONTRIBUTORS = 30, 10  # as Azure had them


# What can be written again: with an offset, a text may lie beyond.
_FIRST, _END = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1, 9999))


@dataclass(frozen=True)
class DetectRequest:
    """The series whose last row is to be judged, and how many variables to name of an anomaly."""

    series: Series
    contributors: int


def parse_detect(body: bytes, model: ServedModel, limits: Limits) -> DetectRequest:
    """Read a request to judge the last of aligned timestamps.

    Raises:
        UnreadableBodyError: not JSON.
        StructureError: JSON of another form, other variables than the model's, or timestamps that are not aligned.
        TooManySamplesError: more timestamps than ``limits`` allow.
    """
    parsed = parse_json(body)
    if not isinstance(parsed, dict):
        raise StructureError(f"the body must be an object with 'variables', found {shown(parsed)}")
    _check_fields("the body", parsed, FIELDS)
    found = parsed.get("variables")
    if not isinstance(found, list) or not found:
        raise StructureError(f"'variables' must be an array of at least one variable, found {shown(found)}")
    if len(found) > len(model.spec):
        raise StructureError(f"model '{model.name}' has {len(model.spec):,} variables, found {len(found):,}")
    variables = _by_name(found, model)
    stamps, times = _timestamps(variables, limits)
    x = np.empty((len(stamps), len(model.spec)))
    unreadable: dict[int, str] = {}
    may_hold_booleans = b"true" in body or b"false" in body
    for column, name in enumerate(model.spec.names):
        values = variables[name]["values"]
        if not isinstance(values, list) or len(values) != len(stamps):
            raise StructureError(
                f"variable {shown(name)} must have an array of {len(stamps):,} 'values', one for each timestamp, "
                f"found {len(values) if isinstance(values, list) else shown(values)}"
            )
        x[:, column], faults = read_numbers(values, may_hold_booleans)
        for row, what in faults.items():
            unreadable.setdefault(row, reason(NOT_A_NUMBER, f"'{name}' is {what}, expected a number"))
    return DetectRequest(Series(x, times, unreadable), _contributors(parsed.get("topContributorCount")))


def timestamp(seconds: float) -> str:
    """Write a time as Azure does."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _check_fields(what: str, found: dict[str, object], fields: Sequence[str]) -> None:
    unknown = [name for name in found if name not in fields]
    if unknown:
        raise StructureError(f"{what} may have the fields {listed(fields)}, found {listed(unknown)}")


def _by_name(found: Sequence[object], model: ServedModel) -> dict[str, dict[str, object]]:
    variables: dict[str, dict[str, object]] = {}
    for each in found:
        name = each.get("variable") if isinstance(each, dict) else each
        if not isinstance(each, dict) or not isinstance(name, str):
            raise StructureError(f"each variable must be an object with its name as 'variable', found {shown(name)}")
        if name in variables:
            raise StructureError(f"each variable may be there once, found {shown(name)} twice")
        _check_fields(f"variable {shown(name)}", each, VARIABLE_FIELDS)
        missing = [field for field in VARIABLE_FIELDS if field not in each]
        if missing:
            raise StructureError(
                f"variable {shown(name)} must have the fields {listed(VARIABLE_FIELDS)}, found no {listed(missing)}"
            )
        variables[name] = each
    names = model.spec.names
    absent = [name for name in names if name not in variables]
    unknown = [name for name in variables if name not in names]
    if absent or unknown:
        parts = [f"{word} {listed(what)}" for word, what in (("no", absent), ("unknown", unknown)) if what]
        raise StructureError(f"the variables must be those of the model, {listed(names)}; found {', '.join(parts)}")
    return variables


def _timestamps(variables: dict[str, dict[str, object]], limits: Limits) -> tuple[list[object], NDArray[np.float64]]:
    """Return the timestamps that all variables have, in seconds too."""
    first_name, first = next((name, variable["timestamps"]) for name, variable in variables.items())
    if not isinstance(first, list) or not first:
        raise StructureError(f"variable {shown(first_name)} must have an array of 'timestamps', found {shown(first)}")
    if len(first) > limits.samples:
        raise TooManySamplesError(
            f"a request may hold {limits.samples:,} timestamps, found {len(first):,}", {"max_samples": limits.samples}
        )
    times = _seconds(first_name, first)
    for name, variable in variables.items():
        stamps = variable["timestamps"]
        if stamps == first:
            continue
        if not isinstance(stamps, list) or len(stamps) != len(first):
            raise StructureError(
                f"variables must have the same timestamps; {shown(first_name)} has {len(first):,}, "
                f"{shown(name)} has {f'{len(stamps):,}' if isinstance(stamps, list) else shown(stamps)}"
            )
        other = _seconds(name, stamps)
        if not np.array_equal(other, times):
            place = int(np.flatnonzero(other != times)[0])
            raise StructureError(
                f"variables must have the same timestamps; timestamp {place} of {shown(first_name)} is "
                f"{shown(first[place])}, of {shown(name)} {shown(stamps[place])}"
            )
    return first, times


def _seconds(name: str, stamps: Sequence[object]) -> NDArray[np.float64]:
    texts = [stamp if isinstance(stamp, str) else None for stamp in stamps]
    times, _ = read_times(texts)
    for place, seconds in enumerate(times.tolist()):
        if not _FIRST <= seconds < _END:  # nor is NaN
            raise StructureError(
                f"variable {shown(name)} must have timestamps in ISO 8601, found {shown(stamps[place])} at {place}"
            )
    late = np.flatnonzero(np.diff(times) <= 0)
    if late.size:
        before, after = stamps[late[0]], stamps[late[0] + 1]
        raise StructureError(
            f"the timestamps of variable {shown(name)} must increase, found {shown(after)} after {shown(before)}"
        )
    return times


def _contributors(found: object) -> int:
    if found is None:
        return CONTRIBUTORS
    if type(found) is not int or not 1 <= found <= MOST_CONTRIBUTORS:
        raise StructureError(
            f"'topContributorCount' must be a whole number from 1 to {MOST_CONTRIBUTORS}, found {shown(found)}"
        )
    return found
