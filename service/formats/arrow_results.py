"""Results as an Arrow IPC stream: a column for each field of a result, and whose they are in the schema's metadata."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from model.scorer import ANOMALY, INVALID, VERDICTS, Scores
from service.registry.models import ServedModel

INT64 = range(-(2**63), 2**63)
_VERDICTS = pa.array([verdict.value for verdict in VERDICTS])
_OTHERS = [
    pa.field("verdict", pa.string(), nullable=False),
    pa.field("is_anomaly", pa.bool_()),
    pa.field("score", pa.float64()),
    pa.field("p_value", pa.float64()),
    pa.field("severity", pa.float64()),
    pa.field("reason", pa.string()),
]


def write_arrow(ids: Sequence[str | int | None], scores: Scores, model: ServedModel, request_id: str) -> bytes:
    """Write what a JSON answer says of each sample but explanations; null where that has null or nothing."""
    count = len(ids)
    names = _ids(ids)
    reasons = [scores.reasons.get(row) for row in range(count)] if scores.reasons else None
    columns = [
        names,
        _VERDICTS.take(pa.array(scores.verdict)),
        pa.array(scores.verdict == ANOMALY, mask=scores.verdict == INVALID),
        *(_numbers(values) for values in (scores.score, scores.p_value, scores.severity)),
        pa.nulls(count, pa.string()) if reasons is None else pa.array(reasons, pa.string()),
    ]
    metadata = {**model.answered(request_id), "threshold": model.manifest.threshold.value}
    schema = pa.schema([pa.field("id", names.type), *_OTHERS], {name: str(value) for name, value in metadata.items()})
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, schema) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
    written: bytes = stream.getvalue().to_pybytes()
    return written


def _ids(ids: Sequence[str | int | None]) -> pa.Array:
    """Write integers as such if all of them are and fit, and anything else as text."""
    if ids.count(None) == len(ids):
        return pa.nulls(len(ids), pa.string())
    if all(isinstance(name, int) and name in INT64 for name in ids):
        return pa.array(ids, pa.int64())
    return pa.array([None if name is None else str(name) for name in ids], pa.string())


def _numbers(values: NDArray[np.float64]) -> pa.Array:
    return pa.array(values, from_pandas=True)  # NaN, the score of an invalid sample, is written as null
