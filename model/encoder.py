"""The exported encoder: where samples lie in the latent space."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import onnx
from numpy.typing import NDArray

from model.inference import Provider, open_session
from model.onnx_runtime import onnxruntime as ort
from model.raw_scorer import parts_of
from model.sample_form import SampleSet

ENCODER = "encoder.onnx"


@dataclass(frozen=True)
class Latents:
    """q(z|x) of B samples: mean and log variance, each float64 [B, Z]."""

    mean: NDArray[np.float64]
    log_variance: NDArray[np.float64]


class Encoder:
    """Encode samples with ``encoder.onnx``. Its session opens on first use: scoring does not need it. Thread-safe."""

    def __init__(self, graph: bytes, provider: Provider = "cpu") -> None:
        self._graph, self._provider = graph, provider

    @cached_property
    def _session(self) -> ort.InferenceSession:
        return open_session(onnx.load_model_from_string(self._graph), self._provider, ENCODER)

    def encode(self, x: SampleSet) -> Latents:
        """Return the posterior of valid samples ``x`` [B, *shape] in raw units."""
        parts = [self._session.run(["mean", "log_variance"], {"x": part}) for part in parts_of(x)]
        return Latents(np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))
