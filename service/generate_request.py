"""A request body as what it asks to generate: draws, or the way between two samples."""

import secrets
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.features import FeatureSpec
from model.generator import MAX_SEED, Origin
from model.sample_form import SampleForm
from model.validity import invalid_samples
from service.errors import StructureError, TooManySamplesError
from service.json_body import parse_json
from service.limits import Limits
from service.samples import read_samples
from service.wording import listed, shown

DRAW_FIELDS, PATH_FIELDS = ("n", "seed", "from"), ("between", "steps")
STEPS = 9
SEED_BITS = 32  # of a seed that nobody chose: short enough to be written down


@dataclass(frozen=True)
class Draw:
    """So many draws, from where, and the seed they follow from."""

    count: int
    seed: int
    origin: Origin


@dataclass(frozen=True)
class Path:
    """The way between two valid samples ``ends`` [2, F], in so many samples."""

    ends: NDArray[np.float64]
    steps: int


def parse_generate_request(body: bytes, spec: FeatureSpec, form: SampleForm, limits: Limits) -> Draw | Path:
    """Read a request to generate samples of ``spec`` and ``form``.

    Raises:
        UnreadableBodyError: not JSON.
        StructureError: JSON of another form, or samples to go between that cannot be judged.
        TooManySamplesError: more samples than ``limits`` allow.
    """
    parsed = parse_json(body)
    if not isinstance(parsed, dict) or not parsed.keys() & {"n", "between"}:
        raise StructureError("the body must be an object with 'n', how many samples to draw, or 'between', two samples")
    fields = PATH_FIELDS if "between" in parsed else DRAW_FIELDS
    unknown = [name for name in parsed if name not in fields]
    if unknown:
        raise StructureError(f"beside '{fields[0]}' the body may have {listed(fields[1:])}, found {listed(unknown)}")
    most = max(2, limits.generated_values // form.size)
    if "between" in parsed:
        if len(form.shape) > 1:
            raise StructureError("'between' takes rows of features; plumbline-generate goes between windows and images")
        steps = _integer(parsed, "steps", STEPS, 2, None)
        _refuse_more(steps, most)
        return Path(_ends(parsed["between"], spec, b"true" in body or b"false" in body), steps)
    count = _integer(parsed, "n", 1, 1, None)
    _refuse_more(count, most)
    seed = _integer(parsed, "seed", secrets.randbits(SEED_BITS), 0, MAX_SEED)
    origin = parsed.get("from", "prior")
    if origin == "prior" or origin == "aggregated":
        return Draw(count, seed, origin)
    raise StructureError(f'\'from\' must be "prior" or "aggregated", found {shown(origin)}')


def _integer(parsed: dict[str, object], name: str, default: int, least: int, most: int | None) -> int:
    value = parsed.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < least or (most is not None and value > most):
        upper = "" if most is None else f" and at most {most:,}"
        raise StructureError(f"'{name}' must be an integer of at least {least}{upper}, found {shown(value)}")
    return value


def _refuse_more(count: int, most: int) -> None:
    if count > most:
        raise TooManySamplesError(
            f"a request may ask this model for {most:,} samples, found {count:,}; ask in several requests",
            {"max_samples": most},
        )


def _ends(given: object, spec: FeatureSpec, may_hold_booleans: bool) -> NDArray[np.float64]:
    if not isinstance(given, list) or len(given) != 2:
        found = f"an array of {len(given):,}" if isinstance(given, list) else shown(given)
        raise StructureError(f"'between' must be an array of two samples, found {found}")
    read = read_samples(given, spec, may_hold_booleans)
    reasons = {**invalid_samples(read.x, spec), **read.unreadable}
    if reasons:
        row = min(reasons)
        raise StructureError(
            f"'between' must hold valid samples; sample {row}: {reasons[row]}", {"sample": row, "reason": reasons[row]}
        )
    return read.x
