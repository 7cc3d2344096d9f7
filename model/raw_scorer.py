"""The exported scorer graph as a function from samples to scores, before and apart from any threshold."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray

from model.inference import Provider, keep_outputs, open_session, running_provider

# Rows per run: large enough to amortise the call, small enough to bound the activations' memory.
CHUNK = 4096


@dataclass(frozen=True)
class Explanation:
    """Why samples score as they do: reconstruction [B, F] in engineering units, contribution [B, F] >= 0."""

    reconstruction: NDArray[np.float64]
    contribution: NDArray[np.float64]


class RawScorer:
    """Score samples [B, F], float64 in engineering units, with ``scorer.onnx``.

    A sample's score is the same to the bit in whatever batch it travels (CPU). Thread-safe.
    """

    def __init__(self, graph: bytes, provider: Provider = "cpu") -> None:
        self._graph = onnx.load_model_from_string(graph)
        self._session = open_session(keep_outputs(self._graph, {"score"}), provider)
        self.provider = running_provider(self._session)

    @cached_property
    def _explaining(self) -> ort.InferenceSession:
        return open_session(keep_outputs(self._graph, {"reconstruction", "contribution"}), self.provider)

    def scores(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return scores [B]; not finite where a sample is beyond what floating point can score."""
        if len(x) <= CHUNK:
            return np.asarray(self._session.run(["score"], {"x": x})[0])
        return np.concatenate([self.scores(x[start : start + CHUNK]) for start in range(0, len(x), CHUNK)])

    def explain(self, x: NDArray[np.float64]) -> Explanation:
        """Return what each sample was expected to be and how much each feature adds to its score."""
        parts = [
            self._explaining.run(["reconstruction", "contribution"], {"x": x[start : start + CHUNK]})
            for start in range(0, max(len(x), 1), CHUNK)
        ]
        return Explanation(np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))
