"""Input tensors as a request has them, and the numbers in them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.errors import StructureError
from service.protocols.numbers import read_numbers
from service.protocols.v2.binary import SIZE, BinaryData
from service.wording import listed, shown

# The numeric types of the protocol, as they lie in binary data.
NUMERIC: Mapping[str, np.dtype[Any]] = {
    "FP64": np.dtype("<f8"),
    "FP32": np.dtype("<f4"),
    "FP16": np.dtype("<f2"),
    **{
        f"{kind}INT{8 * size}": np.dtype(f"<{kind.lower() or 'i'}{size}") for kind in ("", "U") for size in (1, 2, 4, 8)
    },
}
AS_THEY_ARE = (np.dtype(np.float32), np.dtype(np.float64))
FIELDS = frozenset(("name", "shape", "datatype", "parameters", "data"))
MOST_DIMENSIONS = 8


@dataclass(frozen=True)
class TensorHead:
    """An input as JSON has it: ``size`` bytes of binary data, or ``data`` where that is None."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    size: int | None
    data: Sequence[object]


@dataclass(frozen=True)
class Tensor:
    """An input: an array where it came in binary, or what JSON has, one value after the other."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    values: NDArray[Any] | Sequence[object]


def read_head(found: object) -> TensorHead:
    """Read what JSON says of one of a request's inputs.

    Raises:
        StructureError: it is no tensor, or has not the values that its shape announces.
    """
    if not isinstance(found, dict):
        raise StructureError(f"each input must be an object, found {shown(found)}")
    name = found.get("name")
    if not isinstance(name, str):
        raise StructureError(f"each input must have a 'name', found {shown(name)}")
    unknown = [field for field in found if field not in FIELDS]
    if unknown:
        raise StructureError(
            f"input {shown(name)} may have the fields {listed(sorted(FIELDS))}, found {listed(unknown)}"
        )
    datatype = found.get("datatype")
    if not isinstance(datatype, str) or datatype not in NUMERIC:
        raise StructureError(
            f"input {shown(name)} must have a 'datatype' of {listed([*NUMERIC])}, found {shown(datatype)}"
        )
    shape = _shape(name, found.get("shape"))
    size = _binary_size(name, found.get("parameters"))
    if size is None:
        return TensorHead(name, datatype, shape, None, _flat(name, found.get("data"), shape))
    if "data" in found:
        raise StructureError(f"input {shown(name)} must have either 'data' or '{SIZE}', found both")
    dtype = NUMERIC[datatype]
    if size != math.prod(shape) * dtype.itemsize:
        raise StructureError(
            f"input {shown(name)} of {datatype} with the shape {[*shape]} has {math.prod(shape) * dtype.itemsize:,} "
            f"bytes, found a {SIZE} of {size:,}"
        )
    return TensorHead(name, datatype, shape, size, ())


def tensor_of(head: TensorHead, binary: BinaryData) -> Tensor:
    """Give an input its values.

    Raises:
        StructureError: there is not as much binary data as it has.
    """
    values: NDArray[Any] | Sequence[object] = head.data
    if head.size is not None:
        values = np.frombuffer(binary.take(head.size, head.name), NUMERIC[head.datatype])
    return Tensor(head.name, head.datatype, head.shape, values)


def numbers(tensor: Tensor, may_hold_booleans: bool) -> tuple[NDArray[np.floating[Any]], dict[int, str]]:
    """Return the values as floats [n], NaN where one is null, and the first place of each sample where no number stands.

    Numbers of a type that holds less than float64 are rounded to it, so that JSON and binary data say the same.
    """
    if isinstance(tensor.values, np.ndarray):
        return tensor.values if tensor.values.dtype in AS_THEY_ARE else tensor.values.astype(np.float64), {}
    values, faults = read_numbers(tensor.values, may_hold_booleans, math.prod(tensor.shape[1:]) or 1)
    dtype = NUMERIC[tensor.datatype]
    if dtype.kind == "f" and dtype.itemsize < values.itemsize:
        with np.errstate(over="ignore"):
            values = values.astype(dtype).astype(np.float64)
    return values, faults


def _shape(name: str, found: object) -> tuple[int, ...]:
    if isinstance(found, list) and 0 < len(found) <= MOST_DIMENSIONS:
        sizes = [size for size in found if type(size) is int and 0 <= size < 1 << 31]
        if len(sizes) == len(found):
            return tuple(sizes)
    raise StructureError(
        f"input {shown(name)} must have a 'shape' of 1 to {MOST_DIMENSIONS} whole numbers, found {shown(found)}"
    )


def _binary_size(name: str, parameters: object) -> int | None:
    if parameters is None:
        return None
    if not isinstance(parameters, dict):
        raise StructureError(f"the 'parameters' of input {shown(name)} must be an object, found {shown(parameters)}")
    if any(field.startswith("shared_memory") for field in parameters):
        raise StructureError(f"input {shown(name)} is in shared memory, which this service does not read")
    size = parameters.get(SIZE)
    if size is not None and (type(size) is not int or size < 0):
        raise StructureError(f"the {SIZE} of input {shown(name)} must be a number of bytes, found {shown(size)}")
    return size


def _flat(name: str, data: object, shape: tuple[int, ...]) -> Sequence[object]:
    """Lay nested arrays out one value after the other; what is flat may have any shape of as many values."""
    if not isinstance(data, list):
        raise StructureError(f"input {shown(name)} must have an array as 'data', found {shown(data)}")
    if data and isinstance(data[0], list):
        for size in shape[1:]:
            if not all(isinstance(part, list) and len(part) == size for part in data):
                raise StructureError(f"the 'data' of input {shown(name)} is not nested as its shape {[*shape]} has it")
            data = [value for part in data for value in part]
    if len(data) != math.prod(shape):
        raise StructureError(
            f"input {shown(name)} with the shape {[*shape]} has {math.prod(shape):,} values, found {len(data):,}"
        )
    return data
