"""The exported scorer graph as a function from samples to scores, before and apart from any threshold."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import onnx
from numpy.typing import NDArray

from model.errors import BundleGraphError
from model.inference import Provider, keep_outputs, open_session, running_provider
from model.onnx_runtime import onnxruntime as ort

# Rows per run: large enough to amortise the call, small enough to bound the activations' memory, which for a
# neighbourhood is a distance to each of thousands of clean rows.
CHUNK = 512
SCORER = "scorer.onnx"


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
        self._session = open_session(keep_outputs(self._graph, {"score"}), provider, SCORER)
        self.provider = running_provider(self._session)

    @cached_property
    def _explaining(self) -> ort.InferenceSession:
        return open_session(keep_outputs(self._graph, {"reconstruction", "contribution"}), self.provider, SCORER)

    def scores(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return scores [B]; not finite where a sample is beyond what floating point can score."""
        if len(x) <= CHUNK:
            return _run(self._session, ("score",), x)[0]
        return np.concatenate([self.scores(x[start : start + CHUNK]) for start in range(0, len(x), CHUNK)])

    def explain(self, x: NDArray[np.float64]) -> Explanation:
        """Return what each sample was expected to be and how much each feature adds to its score."""
        parts = [
            _run(self._explaining, ("reconstruction", "contribution"), x[start : start + CHUNK])
            for start in range(0, max(len(x), 1), CHUNK)
        ]
        return Explanation(np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))


def shares(contribution: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide contributions [B, F] by their sum; all zero where the sum is."""
    largest = contribution.max(axis=1, keepdims=True)
    # First by the largest: the sum of what is near the end of floating point would leave it.
    scaled: NDArray[np.float64] = np.divide(contribution, np.where(largest > 0, largest, 1))
    return np.asarray(scaled / np.maximum(scaled.sum(axis=1, keepdims=True), 1))


def _run(session: ort.InferenceSession, names: tuple[str, ...], x: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    outputs: list[NDArray[np.float64]] = session.run(names, {"x": x})
    for name, output in zip(names, outputs, strict=True):
        expected = x.shape[:1] if name == "score" else x.shape
        if output.shape != expected:  # a graph may declare a batch that it does not keep to
            raise BundleGraphError(f"{SCORER}: '{name}' must be {list(expected)}, found {list(output.shape)}")
    return outputs
