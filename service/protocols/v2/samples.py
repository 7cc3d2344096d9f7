"""The inputs of a request as the samples of a model: one tensor of all values, or one for each feature.

B: samples, T: steps, F: features; H, W, C: an image.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.validity import NOT_A_NUMBER, reason
from service.errors import StructureError, TooManySamplesError
from service.limits import Limits
from service.protocols.v2.tensors import NUMERIC, Tensor, numbers
from service.registry.models import ServedModel
from service.wording import listed, shown

X = "x"  # what the bundles' graphs call their input


@dataclass(frozen=True)
class InputSamples:
    """Samples ``x`` [B, ...], and by row why one cannot be read."""

    x: NDArray[Any]
    unreadable: dict[int, str]


def samples_of(
    inputs: Mapping[str, Tensor], model: ServedModel, limits: Limits, may_hold_booleans: bool
) -> InputSamples:
    """Make samples of ``model`` from a request's inputs.

    Raises:
        StructureError: inputs of other names, types or shapes than the model takes.
        TooManySamplesError: more samples than ``limits`` allow.
    """
    first = next(iter(inputs.values()))
    _check_count(first.shape[0], model, limits)
    if model.manifest.image is not None:
        return _images(inputs, model, may_hold_booleans)
    if [*inputs] == [X]:
        return _whole(first, model, may_hold_booleans)
    return _by_feature(inputs, first.shape[0], model, may_hold_booleans)


def _check_count(count: int, model: ServedModel, limits: Limits) -> None:
    if not count:
        raise StructureError("the inputs must hold at least one sample, found a first dimension of 0")
    most = limits.samples
    if model.manifest.image is not None:
        most = min(most, max(1, limits.image_pixels // (model.manifest.image.height * model.manifest.image.width)))
    if count > most:
        raise TooManySamplesError(
            f"a request may hold {most:,} samples, found {count:,}; send them in several requests",
            {"max_samples": most},
        )


def _whole(tensor: Tensor, model: ServedModel, may_hold_booleans: bool) -> InputSamples:
    count, shape = tensor.shape[0], model.form.shape
    if tensor.shape[1:] != shape and not (shape == (1,) and tensor.shape[1:] == ()):
        raise StructureError(
            f"input '{X}' must have the shape {_spelt(shape)}, its values in the order {listed(model.spec.names)}, "
            f"found {[*tensor.shape]}"
        )
    values, faults = numbers(tensor, may_hold_booleans)
    names, steps = model.spec.names, model.steps or 1
    unreadable: dict[int, str] = {}
    for place, found in faults.items():
        row, step = divmod(place // len(names), steps)
        unreadable.setdefault(row, _no_number(names[place % len(names)], found, step, model))
    return InputSamples(values.reshape(count, *shape), unreadable)


def _by_feature(inputs: Mapping[str, Tensor], count: int, model: ServedModel, may_hold_booleans: bool) -> InputSamples:
    names, steps = model.spec.names, model.steps
    known = frozenset(names)
    missing = [] if model.spec.most_absent else [name for name in names if name not in inputs]
    unknown = [name for name in inputs if name not in known]
    if missing or unknown:
        parts = [f"{word} {listed(found)}" for word, found in (("no", missing), ("unknown", unknown)) if found]
        raise StructureError(
            f"the inputs must be '{X}' alone, or one for each of {listed(names)}, found {', '.join(parts)}"
        )
    taken = [(count, steps)] if steps is not None else [(count,), (count, 1)]
    x = np.full((count, steps or 1, len(names)), np.nan)
    unreadable: dict[int, str] = {}
    for column, name in enumerate(names):
        if name not in inputs:
            continue
        tensor = inputs[name]
        if tensor.shape not in taken:
            raise StructureError(
                f"input {shown(name)} must have the shape {' or '.join(str([*shape]) for shape in taken)}, "
                f"as many samples as the first input has, found {[*tensor.shape]}"
            )
        values, faults = numbers(tensor, may_hold_booleans)
        x[:, :, column] = values.reshape(count, -1)
        for place, found in faults.items():
            row, step = divmod(place, steps or 1)
            unreadable.setdefault(row, _no_number(name, found, step, model))
    return InputSamples(x if steps is not None else x[:, 0], unreadable)


def _no_number(name: str, found: str, step: int, model: ServedModel) -> str:
    where = "" if model.steps is None else f" in step {step + 1} of {model.steps}"
    return reason(NOT_A_NUMBER, f"'{name}' is {found}, expected a number{where}")


def _images(inputs: Mapping[str, Tensor], model: ServedModel, may_hold_booleans: bool) -> InputSamples:
    form = model.form
    dtype = np.dtype(form.dtype)
    expected = f"one input '{X}' of {form.dtype.upper()} with the shape {_spelt(form.shape)}"
    if [*inputs] != [X]:
        raise StructureError(f"this model takes {expected}, found {listed([*inputs])}")
    tensor = inputs[X]
    if NUMERIC[tensor.datatype] != dtype or tensor.shape[1:] != form.shape:
        raise StructureError(f"this model takes {expected}, found {tensor.datatype} with the shape {[*tensor.shape]}")
    if isinstance(tensor.values, np.ndarray):
        return InputSamples(
            np.array(tensor.values.reshape(tensor.shape)), {}
        )  # in the body it lies where it happens to
    values, faults = numbers(tensor, may_hold_booleans)
    most = np.iinfo(dtype).max
    bad = ~((values >= 0) & (values <= most) & (values == np.rint(values)))  # NaN compares false
    places = np.flatnonzero(bad)
    unreadable: dict[int, str] = {}
    for place in places[np.unique(places // form.size, return_index=True)[1]].tolist():
        found = faults.get(place, "null" if np.isnan(values[place]) else f"{values[place]:g}")
        unreadable[place // form.size] = reason(
            NOT_A_NUMBER, f"a pixel is {found}, expected a whole number from 0 to {most:,}"
        )
    values[bad] = 0
    return InputSamples(values.astype(dtype).reshape(tensor.shape), unreadable)


def _spelt(shape: tuple[int, ...]) -> str:
    return f"[samples, {', '.join(str(size) for size in shape)}]"
