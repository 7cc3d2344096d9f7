"""Samples as bare floats, little-endian, row by row; headers say how many, and how wide."""

import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.features import FeatureSpec
from service.errors import StructureError, TooManySamplesError, UnreadableBodyError
from service.formats.headers import Headers, header
from service.limits import Limits
from service.wording import shown

RAW = "application/octet-stream"
SHAPE, DTYPE = "X-Plumbline-Shape", "X-Plumbline-Dtype"
DTYPES: dict[bytes, np.dtype[np.floating[Any]]] = {b"float32": np.dtype("<f4"), b"float64": np.dtype("<f8")}

_SHAPE, _DTYPE = SHAPE.lower().encode(), DTYPE.lower().encode()
_NUMBERS = re.compile(rb"[0-9]{1,9}(?:, ?[0-9]{1,9})*")


@np.errstate(invalid="ignore")  # a signalling NaN is as absent as any other
def read_floats(
    body: bytes, headers: Headers, spec: FeatureSpec, limits: Limits, steps: int | None = None
) -> NDArray[np.float64]:
    """Read samples [B, F], or windows [B, T, F] of ``steps``; NaN stands for an absent value.

    Raises:
        RequestError: as ``check_floats`` does.
    """
    dtype, shape = check_floats(body, headers, spec, limits, steps)
    return np.frombuffer(body, dtype).astype(np.float64).reshape(shape)


def check_floats(
    body: bytes, headers: Headers, spec: FeatureSpec, limits: Limits, steps: int | None = None
) -> tuple[np.dtype[np.floating[Any]], tuple[int, ...]]:
    """Say of which type and shape the samples are that ``body`` consists of.

    Raises:
        StructureError: a header is absent, or announces what does not fit the model.
        TooManySamplesError: more samples than ``limits`` allow.
        UnreadableBodyError: more or fewer bytes than were announced.
    """
    dtype = DTYPES.get(header(headers, _DTYPE) or b"")
    if dtype is None:
        found = shown((header(headers, _DTYPE) or b"").decode("latin-1"))
        raise StructureError(f"{DTYPE} must say whether the body of type {RAW} is float32 or float64, found {found}")
    shape = _shape(header(headers, _SHAPE), spec, steps)
    if shape[0] > limits.samples:
        raise TooManySamplesError(
            f"a request may hold {limits.samples:,} samples, found {shape[0]:,}; send them in several requests",
            {"max_samples": limits.samples},
        )
    size = math.prod(shape) * dtype.itemsize
    if len(body) != size:
        raise UnreadableBodyError(
            f"{' x '.join(f'{length:,}' for length in shape)} values of {dtype.name} are {size:,} bytes, found {len(body):,}"
        )
    return dtype, shape


def _shape(announced: bytes | None, spec: FeatureSpec, steps: int | None) -> tuple[int, ...]:
    of_sample = (len(spec),) if steps is None else (steps, len(spec))
    numbers = announced if announced is not None and _NUMBERS.fullmatch(announced) else b""
    shape = tuple(map(int, numbers.split(b","))) if numbers else ()
    if shape[1:] != of_sample or shape[0] == 0:
        names = "samples, features" if steps is None else "samples, steps, features"
        found = shown((announced or b"").decode("latin-1"))
        raise StructureError(
            f"{SHAPE} must give the numbers of {names}: B,{','.join(map(str, of_sample))} with B of at least 1, found {found}"
        )
    return shape
