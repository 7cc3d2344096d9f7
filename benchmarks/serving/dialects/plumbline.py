"""Plumbline's own requests: samples as JSON, or as raw float32 that headers describe; results as JSON."""

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
        "X-Plumbline-Shape": ",".join(map(str, x.shape)),
        "X-Plumbline-Dtype": "float32",
    }
    return Request(PATH, headers, x.astype(np.float32).tobytes(), plain.read_scores)
