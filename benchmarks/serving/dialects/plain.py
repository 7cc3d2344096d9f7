"""What most people would define for themselves: samples in, scores out, as JSON."""

import httpx2
import numpy as np
import orjson

from benchmarks.serving.kinds import BATCH, SINGLE, Kind
from benchmarks.serving.request import JSON, Request, Scores


def json_requests(path: str, x: Scores) -> dict[Kind, Request]:
    """Ask for the scores of ``x`` [B, F], one sample or as many as the kind has."""
    return {kind: Request(path, JSON, samples_json(x[: kind.samples]), read_scores) for kind in (SINGLE, BATCH)}


def raw_request(path: str, x: Scores) -> Request:
    """Send ``x`` [B, F] as raw float32, expect raw float64."""
    headers = {"Content-Type": "application/octet-stream"}
    return Request(path, headers, x.astype(np.float32).tobytes(), read_raw_scores)


def samples_json(x: Scores) -> bytes:
    return orjson.dumps({"samples": np.ascontiguousarray(x)}, option=orjson.OPT_SERIALIZE_NUMPY)


def read_scores(answer: httpx2.Response) -> Scores:
    """Read an answer that is a list of scores, holds one, or holds a list of results with a score each."""
    found = answer.json()
    if isinstance(found, dict):
        found = found["scores"] if "scores" in found else [result["score"] for result in found["results"]]
    return np.array(found, dtype=np.float64)


def read_raw_scores(answer: httpx2.Response) -> Scores:
    return np.frombuffer(answer.content, dtype=np.float64)
