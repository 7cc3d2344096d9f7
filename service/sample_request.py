"""A request body as what it asks for: samples, their ids, and whether to explain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model.features import FeatureSpec
from service.errors import StructureError, TooManySamplesError
from service.json_body import parse_json
from service.limits import Limits
from service.samples import read_samples
from service.window_samples import read_windows
from service.wording import listed, shown

Id = str | int
Explain = bool | Literal["full"]

# A smaller body is read faster than a thread can be woken; a larger one would keep others waiting.
INLINE_BYTES = 64 << 10
FIELDS = frozenset(("samples", "ids"))
SCORE_FIELDS = FIELDS | {"explain"}
RECONSTRUCT_FIELDS = FIELDS | {"purify"}


@dataclass(frozen=True)
class SampleRequest:
    """Samples ``x`` [B, F] (windows [B, T, F]), by row why one is unreadable, one id for each or none at all; how much to explain; whether to purify."""

    x: NDArray[np.float64]
    unreadable: dict[int, str]
    ids: Sequence[Id] | Sequence[None]
    explain: Explain
    purify: bool = False


def parse_request(
    body: bytes, spec: FeatureSpec, limits: Limits, fields: frozenset[str] = FIELDS, steps: int | None = None
) -> SampleRequest:
    """Read a request for samples of ``spec``; ``fields`` are the names it may use, ``steps`` the length of windows.

    Raises:
        UnreadableBodyError: not JSON.
        StructureError: JSON of another form; names each bad sample.
        TooManySamplesError: more samples or explanations than ``limits`` allow.
    """
    parsed = parse_json(body)
    if not isinstance(parsed, dict):
        raise StructureError(f"the body must be an object with 'samples', found {shown(parsed)}")
    unknown = [name for name in parsed if name not in fields]
    if unknown:
        raise StructureError(f"the body may have the fields {listed(sorted(fields))}, found {listed(unknown)}")
    samples = read_list(parsed, "samples", limits)
    values = len(spec) * (steps or 1)
    explain = read_explain(parsed, len(samples), values, limits)
    purify = read_purify(parsed, len(samples), values, limits)
    # JSON spells booleans one way only, so a body without the words has none.
    may_hold_booleans = b"true" in body or b"false" in body
    if steps is None:
        read = read_samples(samples, spec, may_hold_booleans)
    else:
        read = read_windows(samples, spec, steps, may_hold_booleans)
    return SampleRequest(read.x, read.unreadable, read_ids(parsed, len(samples)), explain, purify)


def may_explain(body: bytes) -> bool:
    """Tell, without reading it, whether a request may ask to explain; an escape could spell the word."""
    return b'"explain"' in body or b"\\" in body


def may_take_long(body: bytes) -> bool:
    """Tell, without reading it, whether a request may ask to explain in full or to purify; an escape could spell the words."""
    return b'"full"' in body or b'"purify"' in body or b"\\" in body


def read_list(parsed: dict[str, object], name: str, limits: Limits) -> list[object]:
    """Return the array that the body holds under ``name``, its samples or rows.

    Raises:
        StructureError: there is none, or nothing in it.
        TooManySamplesError: more than ``limits`` allow.
    """
    if name not in parsed:
        raise StructureError(f"the body has no '{name}'")
    found = parsed[name]
    if not isinstance(found, list) or not found:
        what = "an empty one" if isinstance(found, list) else shown(found)
        raise StructureError(f"'{name}' must be an array of at least one {name.removesuffix('s')}, found {what}")
    if len(found) > limits.samples:
        raise TooManySamplesError(
            f"a request may hold {limits.samples:,} {name}, found {len(found):,}; send them in several requests",
            {"max_samples": limits.samples},
        )
    return found


def read_explain(parsed: dict[str, object], count: int, size: int, limits: Limits) -> Explain:
    explain = parsed.get("explain", False)
    if isinstance(explain, bool):
        values, how = limits.explained_values, ""
    elif isinstance(explain, str) and explain == "full":
        values, how = limits.fully_explained_values, " in full"
    else:
        raise StructureError(f"'explain' must be true, false or \"full\", found {shown(explain)}")
    most = max(1, values // size)
    if explain and count > most:
        raise TooManySamplesError(
            f"a request may ask to explain {most:,} samples of {size} values{how}, found {count:,}",
            {"max_samples": most},
        )
    return "full" if how else bool(explain)


def read_purify(parsed: dict[str, object], count: int, size: int, limits: Limits) -> bool:
    purify = parsed.get("purify", False)
    if not isinstance(purify, bool):
        raise StructureError(f"'purify' must be true or false, found {shown(purify)}")
    most = max(1, limits.fully_explained_values // size)
    if purify and count > most:
        raise TooManySamplesError(
            f"a request may ask to purify {most:,} samples of {size} values, found {count:,}",
            {"max_samples": most},
        )
    return purify


def read_ids(parsed: dict[str, object], count: int) -> Sequence[Id] | Sequence[None]:
    ids = parsed.get("ids")
    if ids is None:
        return [None] * count
    if not isinstance(ids, list) or len(ids) != count:
        found = f"{len(ids):,}" if isinstance(ids, list) else shown(ids)
        raise StructureError(
            f"'ids' must be an array of {count:,} strings or integers, one for each sample, found {found}"
        )
    for index, name in enumerate(ids):
        if not isinstance(name, str | int) or isinstance(name, bool):
            raise StructureError(f"'ids' must be strings or integers, found {shown(name)} at index {index}")
    return ids
