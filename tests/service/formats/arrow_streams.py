"""Arrow streams for tests, sound ones."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa


def stream(*batches: pa.RecordBatch, schema: pa.Schema | None = None, **options: Any) -> bytes:
    """Write batches as an Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema or batches[0].schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        for batch in batches:
            writer.write_batch(batch)
    written: bytes = sink.getvalue().to_pybytes()
    return written


def columns(values: Mapping[str, Any], **options: Any) -> bytes:
    """Write columns, as one batch."""
    return stream(pa.record_batch(dict(values)), **options)
