"""The exported scorer graph as a function from samples to scores, before and apart from any threshold."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from model.device_runs import device_runs
from model.errors import BundleGraphError, NoReconstructionError
from model.inference import Provider, keep_outputs, open_session, running_provider
from model.onnx_runtime import onnxruntime as ort
from model.sample_form import SampleForm, SampleSet

# Rows per run: large enough to amortise the call, small enough to bound the activations' memory, which for a
# neighbourhood is a distance to each of thousands of clean rows.
CHUNK = 512
SCORER = "scorer.onnx"
TABULAR = 2  # dimensions of a batch of rows


@dataclass(frozen=True)
class Explanation:
    """Why samples score as they do: reconstruction [B, *shape] in their own units, contribution >= 0.

    Contributions are of the samples' shape [B, *shape]; of images there is one for each pixel, [B, H, W].
    """

    reconstruction: NDArray[np.float64]
    contribution: NDArray[np.float64]


class RawScorer:
    """Score samples [B, *shape] in raw units with ``scorer.onnx``.

    A sample's score is the same to the bit in whatever batch it travels (CPU). Thread-safe.
    """

    def __init__(self, graph: bytes, provider: Provider = "cpu") -> None:
        self._graph = onnx.load_model_from_string(graph)
        scoring = keep_outputs(self._graph, {"score"})
        self._session = open_session(scoring, provider, SCORER)
        self.provider = running_provider(self._session)
        self._device_runs = device_runs(scoring, self._session, CHUNK) if self.provider == "cuda" else None

    @cached_property
    def rebuilds(self) -> bool:
        """Whether the detector reconstructs samples."""
        return any(output.name == "reconstruction" for output in self._graph.graph.output)

    @cached_property
    def _explaining(self) -> ort.InferenceSession:
        return open_session(keep_outputs(self._graph, {"reconstruction", "contribution"}), self.provider, SCORER)

    def scores(self, x: SampleSet) -> NDArray[np.float64]:
        """Return scores [B]; not finite where a sample is beyond what floating point can score."""
        if isinstance(x, np.ndarray) and x.ndim == TABULAR and len(x) <= CHUNK:
            return self._scores_at_once(x)
        return np.concatenate([self._scores_at_once(part) for part in parts_of(x)])

    def _scores_at_once(self, x: NDArray[Any]) -> NDArray[np.float64]:
        if self._device_runs is not None and len(x):
            return self._device_runs.scores(x)
        return _run(self._session, ("score",), x)[0]

    def explain(self, x: SampleSet) -> Explanation:
        """Return what each sample was expected to be and how much each part of it adds to its score.

        Raises:
            NoReconstructionError: the detector does not reconstruct samples.
        """
        if not self.rebuilds:
            raise NoReconstructionError("this detector sees features of an image, and does not reconstruct it")
        parts = [_run(self._explaining, ("reconstruction", "contribution"), part) for part in parts_of(x)]
        return Explanation(np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))

    def contributions(self, x: SampleSet) -> NDArray[np.float64]:
        """Return how much each part of each sample adds to its score, as ``Explanation`` has it."""
        return np.concatenate([_run(self._explaining, ("contribution",), part)[0] for part in parts_of(x)])


def parts_of(x: SampleSet) -> Iterator[NDArray[Any]]:
    """Go through samples in parts that are run at once; of no samples, one that is empty."""
    step = SampleForm(x[:1].shape[1:]).chunk(CHUNK)
    for start in range(0, max(len(x), 1), step):
        yield x[start : start + step]


def shares(contribution: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide contributions [B, F] by their sum; all zero where the sum is."""
    largest = contribution.max(axis=1, keepdims=True)
    # First by the largest: the sum of what is near the end of floating point would leave it.
    scaled: NDArray[np.float64] = np.divide(contribution, np.where(largest > 0, largest, 1))
    return np.asarray(scaled / np.maximum(scaled.sum(axis=1, keepdims=True), 1))


def _run(session: ort.InferenceSession, names: tuple[str, ...], x: NDArray[Any]) -> list[NDArray[np.float64]]:
    outputs: list[NDArray[np.float64]] = session.run(names, {"x": x})
    dimensions = {"score": 1, "contribution": min(x.ndim, 3)}  # of an image, [H, W]
    for name, output in zip(names, outputs, strict=True):
        expected = x.shape[: dimensions.get(name, x.ndim)]
        if output.shape != expected:  # a graph may declare a batch that it does not keep to
            raise BundleGraphError(f"{SCORER}: '{name}' must be {list(expected)}, found {list(output.shape)}")
    return outputs
