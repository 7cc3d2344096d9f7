"""Arrow streams of samples as one array of numbers: a column for each feature, of windows one of lists."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from model.features import FeatureSpec
from model.quoting import quoted
from service.errors import StructureError, TooManySamplesError, UnreadableBodyError
from service.formats.arrow_columns import ID, ArrowColumns, read_columns
from service.formats.arrow_messages import ArrowMessage, arrow_messages
from service.limits import Limits

MOST_BATCHES = 1_000
# Columns may share bytes, so that a short stream could announce what no memory holds. JSON has two bytes for a value.
BYTES_OF_A_VALUE = 2
_VIEW = 16  # bytes of a text's view, the first four of which are its length


@dataclass(frozen=True, slots=True)
class ArrowSamples:
    """Samples ``x`` [B, F] or [B, T, F], NaN where a value is absent; one id for each, or none at all."""

    x: NDArray[np.float64]
    ids: Sequence[str | int] | Sequence[None]


@np.errstate(invalid="ignore")  # a signalling NaN is as absent as any other
def read_arrow(body: bytes, spec: FeatureSpec, limits: Limits, steps: int | None = None) -> ArrowSamples:
    """Read an Arrow IPC stream; ``steps`` is the length of windows.

    Raises:
        UnreadableBodyError: it is none, or a damaged one.
        StructureError: its columns are not those of the features.
        TooManySamplesError: it holds more than ``limits`` allow.
    """
    messages = arrow_messages(body)
    columns = read_columns(next(messages))
    order, names_at = columns.features(spec, steps), columns.ids(spec)
    shape = (len(spec),) if steps is None else (steps, len(spec))
    is_matrix = columns.is_matrix and None not in order and ID not in spec.names
    parts: list[NDArray[np.float64]] = []
    ids: list[str | int] = []
    try:
        for batch in _batches(messages, columns, math.prod(shape), names_at, limits):
            if steps is None:
                parts.append(_rows(batch, order, is_matrix))
            else:
                parts.append(_windows(batch, order, steps))
            if names_at is not None:
                ids += _ids(batch.column(names_at))
    except (pa.ArrowException, OSError) as error:
        raise UnreadableBodyError(f"the body is no Arrow stream: {quoted(str(error))}") from error
    if not parts:
        raise StructureError("an Arrow stream must hold at least one sample, found none")
    x = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return ArrowSamples(x, [None] * len(x) if names_at is None else ids)


def _batches(
    messages: Iterator[ArrowMessage], columns: ArrowColumns, size: int, names_at: int | None, limits: Limits
) -> Iterator[pa.RecordBatch]:
    """Go through the batches that have rows; each is whole and sound, and all together are within ``limits``."""
    rows = 0
    most = min(limits.samples, max(1, limits.body_bytes // (BYTES_OF_A_VALUE * size)))
    for number, message in enumerate(messages):
        announced = message.rows
        if announced < 0:
            raise UnreadableBodyError(f"the body is no Arrow stream: a batch has {announced:,} rows")
        rows += announced
        if rows > most:
            raise TooManySamplesError(
                f"a request may hold {most:,} samples of {size:,} values, found {rows:,}; send them in several requests",
                {"max_samples": most},
            )
        if number == MOST_BATCHES:
            raise TooManySamplesError(f"an Arrow stream may have {MOST_BATCHES:,} batches, found more")
        batch = pa.ipc.read_record_batch(pa.py_buffer(message.raw), columns.schema)
        if names_at is not None:
            _check_views(batch.column(names_at), len(message.raw))
        # Offsets that lie, and whatever else would lead out of the buffers, are found here and never followed.
        batch.validate(full=True)
        if announced:
            yield batch


def _rows(batch: pa.RecordBatch, order: Sequence[int | None], is_matrix: bool) -> NDArray[np.float64]:
    if is_matrix:
        matrix: NDArray[Any] = batch.select(order).to_tensor(null_to_nan=True, row_major=True).to_numpy()
        return matrix.astype(np.float64, copy=False)
    x = np.full((batch.num_rows, len(order)), np.nan)
    for feature, place in enumerate(order):
        if place is not None:
            x[:, feature] = _numbers(batch.column(place))
    return x


def _windows(batch: pa.RecordBatch, order: Sequence[int | None], steps: int) -> NDArray[np.float64]:
    x = np.full((batch.num_rows, steps, len(order)), np.nan)
    for channel, place in enumerate(order):
        if place is not None:
            lists = batch.column(place)
            x[:, :, channel] = _numbers(lists.values[: batch.num_rows * steps]).reshape(-1, steps)
            if lists.null_count:
                x[lists.is_null().to_numpy(zero_copy_only=False), :, channel] = np.nan
    return x


def _numbers(column: pa.Array) -> NDArray[Any]:
    """Return a column's values; NaN where there is none."""
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        column = column.cast(pa.float64(), safe=False)  # decimals, and columns without a single value
    values: NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return values


def _ids(column: pa.Array) -> list[str | int]:
    if column.null_count:
        raise StructureError(f"column '{ID}' must have a value for each sample, found {column.null_count:,} nulls")
    ids: list[str | int] = column.to_pylist()
    return ids


def _check_views(column: pa.Array, most: int) -> None:
    """See that texts are together no longer than the message that brought them: views may all be of the same bytes."""
    if pa.types.is_string_view(column.type):
        views = column.buffers()[1]
        lengths = np.frombuffer(views, "<i4", views.size // _VIEW * 4)[::4]
        if lengths.sum(dtype=np.int64) > most:
            raise UnreadableBodyError(f"the body is no Arrow stream: column '{ID}' announces more text than there is")
