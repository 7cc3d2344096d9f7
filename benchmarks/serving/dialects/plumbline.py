"""Plumbline's requests: its own for JSON, the Open Inference Protocol for raw float32, as Triton has them, and verdicts with the scores."""

from benchmarks.serving.dialects import open_inference, plain
from benchmarks.serving.kinds import BINARY, Kind
from benchmarks.serving.request import Request, Scores

PATH = "/score"


def requests(model: str, x: Scores) -> dict[Kind, Request]:
    """Ask ``model`` for the scores of ``x`` [B, F] in every kind."""
    raw = open_inference.binary_request(x, model, ("is_anomaly", "p_value"))
    return {**plain.json_requests(PATH, x), BINARY: raw}
