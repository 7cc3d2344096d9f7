"""The Open Inference Protocol, version 2: tensors as JSON, or raw behind a JSON header."""

from collections.abc import Sequence

import httpx2
import numpy as np
import orjson

from benchmarks.serving.kinds import BATCH, SINGLE, Kind
from benchmarks.serving.request import JSON, Request, Scores

MODEL = "scorer"  # as rivals call it
HEADER_LENGTH = "Inference-Header-Content-Length"


def path_of(model: str) -> str:
    return f"/v2/models/{model}/infer"


def json_requests(x: Scores) -> dict[Kind, Request]:
    """Ask for the scores of ``x`` [B, F], one sample or as many as the kind has."""
    return {kind: Request(path_of(MODEL), JSON, _json(x[: kind.samples]), read_scores) for kind in (SINGLE, BATCH)}


def binary_request(x: Scores, model: str = MODEL, others: Sequence[str] = ()) -> Request:
    """Send ``x`` [B, F] as raw float32 and ask for raw scores, and for ``others``, by the binary tensor data extension."""
    raw = x.astype(np.float32).tobytes()
    tensor = {"name": "x", "shape": x.shape, "datatype": "FP32", "parameters": {"binary_data_size": len(raw)}}
    outputs = [{"name": name, "parameters": {"binary_data": True}} for name in ("score", *others)]
    header = orjson.dumps({"inputs": [tensor], "outputs": outputs})
    headers = {"Content-Type": "application/octet-stream", HEADER_LENGTH: str(len(header))}
    return Request(path_of(model), headers, header + raw, read_binary_scores)


def _json(x: Scores) -> bytes:
    tensor = {"name": "x", "shape": x.shape, "datatype": "FP32", "data": x.ravel()}
    return orjson.dumps({"inputs": [tensor]}, option=orjson.OPT_SERIALIZE_NUMPY)


def read_scores(answer: httpx2.Response) -> Scores:
    return np.array(answer.json()["outputs"][0]["data"], dtype=np.float64)


def read_binary_scores(answer: httpx2.Response) -> Scores:
    """Read what was asked for first."""
    begin = int(answer.headers[HEADER_LENGTH])
    count = orjson.loads(answer.content[:begin])["outputs"][0]["shape"][0]
    return np.frombuffer(answer.content, np.float64, count, begin)
