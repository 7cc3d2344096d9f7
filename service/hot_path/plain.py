"""Plain score requests: what most clients send, and all that the hot path reads itself.

A request is plain if it asks for verdicts on arrays of numbers, by ``samples`` and perhaps ``ids``. Whatever else it
may be, good or bad, the careful reader says what it is.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeGuard

import orjson

from service.formats import json_rows

Id = str | int
SHORT_BYTES = 1 << 10  # such a body is read faster as objects
_ARE_IDS = {str, int}


@dataclass(frozen=True, slots=True)
class PlainRequest:
    """``rows`` samples, float64 ``values`` one after the other; one id for each, or none at all."""

    values: bytes
    rows: int
    ids: Sequence[Id] | None


def read_plain(body: bytes, width: int, most: int, steps: int | None = None) -> PlainRequest | None:
    """Read a request for rows of ``width`` values, or windows of ``steps`` such rows, at most ``most``; None where it is not plain."""
    if steps is not None or len(body) > SHORT_BYTES:
        plain = json_rows.read_plain(body, width, most, steps)
        if plain is None or not plain.others.keys() <= {"ids"}:
            return None
        ids, count, values = plain.others.get("ids"), len(plain.x), plain.x.tobytes()
        return PlainRequest(values, count, ids) if _are_ids(ids, count) else None
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if type(parsed) is not dict or "samples" not in parsed:
        return None
    samples, ids = parsed["samples"], parsed.get("ids")
    if len(parsed) != 1 + ("ids" in parsed) or type(samples) is not list or not 0 < len(samples) <= most:
        return None
    # JSON spells booleans one way only, so a body without the words has none; packing would take them for 0 and 1.
    if not _are_ids(ids, len(samples)) or b"true" in body or b"false" in body:
        return None
    pack = _packer(width)
    try:
        values = pack(*samples[0]) if len(samples) == 1 else b"".join([pack(*sample) for sample in samples])
    except (struct.error, TypeError):  # too few or many values, something that is no number, or no array
        return None
    return PlainRequest(values, len(samples), ids)


def _are_ids(found: object, count: int) -> TypeGuard[Sequence[Id] | None]:
    return found is None or (type(found) is list and len(found) == count and _ARE_IDS.issuperset(map(type, found)))


@cache
def _packer(width: int) -> Callable[..., bytes]:
    return struct.Struct(f"{width}d").pack
