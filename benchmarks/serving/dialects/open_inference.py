"""The Open Inference Protocol, version 2: tensors as JSON, or raw behind a JSON header."""

import httpx2
import numpy as np
import orjson

from benchmarks.serving.kinds import BATCH, SINGLE, Kind
from benchmarks.serving.request import JSON, Request, Scores

PATH = "/v2/models/scorer/infer"
HEADER_LENGTH = "Inference-Header-Content-Length"


def json_requests(x: Scores) -> dict[Kind, Request]:
    """Ask for the scores of ``x`` [B, F], one sample or as many as the kind has."""
    return {kind: Request(PATH, JSON, _json(x[: kind.samples]), read_scores) for kind in (SINGLE, BATCH)}


def binary_request(x: Scores) -> Request:
    """Send ``x`` [B, F] as raw float32 and ask for raw scores, by the binary tensor data extension."""
    raw = x.astype(np.float32).tobytes()
    tensor = {"name": "x", "shape": x.shape, "datatype": "FP32", "parameters": {"binary_data_size": len(raw)}}
    output = {"name": "score", "parameters": {"binary_data": True}}
    header = orjson.dumps({"inputs": [tensor], "outputs": [output]})
    headers = {"Content-Type": "application/octet-stream", HEADER_LENGTH: str(len(header))}
    return Request(PATH, headers, header + raw, read_binary_scores)


def _json(x: Scores) -> bytes:
    tensor = {"name": "x", "shape": x.shape, "datatype": "FP32", "data": x.ravel()}
    return orjson.dumps({"inputs": [tensor]}, option=orjson.OPT_SERIALIZE_NUMPY)


def read_scores(answer: httpx2.Response) -> Scores:
    return np.array(answer.json()["outputs"][0]["data"], dtype=np.float64)


def read_binary_scores(answer: httpx2.Response) -> Scores:
    return np.frombuffer(answer.content[int(answer.headers[HEADER_LENGTH]) :], dtype=np.float64)
