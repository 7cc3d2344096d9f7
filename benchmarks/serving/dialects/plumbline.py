"""Plumbline's own requests: samples as JSON, or raw float32 whose shape and type the headers give."""

import numpy as np

from benchmarks.serving.dialects import plain
from benchmarks.serving.kinds import BINARY, Kind
from benchmarks.serving.request import Request, Scores

PATH = "/score"


def requests(x: Scores) -> dict[Kind, Request]:
    """Ask for the scores of ``x`` [B, F] in every kind."""
    return {**plain.json_requests(PATH, x), BINARY: _raw_request(x)}


def _raw_request(x: Scores) -> Request:
    headers = {
        "Content-Type": "application/octet-stream",
        "X-Shape": ",".join(map(str, x.shape)),
        "X-Dtype": "float32",
    }
    return Request(PATH, headers, x.astype(np.float32).tobytes(), plain.read_scores)
