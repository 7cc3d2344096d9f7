"""The exported decoder: what a place in the latent space stands for."""

from functools import cached_property

import numpy as np
import onnx
from numpy.typing import NDArray

from model.errors import BundleGraphError
from model.inference import Provider, open_session
from model.onnx_runtime import onnxruntime as ort
from model.raw_scorer import CHUNK
from model.sample_form import SampleForm

DECODER = "decoder.onnx"


class Decoder:
    """Decode latents with ``decoder.onnx``. Its session opens on first use: scoring does not need it. Thread-safe."""

    def __init__(self, graph: bytes, provider: Provider = "cpu") -> None:
        self._graph, self._provider = graph, provider

    @cached_property
    def _session(self) -> ort.InferenceSession:
        return open_session(onnx.load_model_from_string(self._graph), self._provider, DECODER)

    @cached_property
    def _chunk(self) -> int:
        shape = self._session.get_outputs()[0].shape[1:]
        return SampleForm(tuple(shape)).chunk(CHUNK)

    def decode(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the samples [B, *shape], in raw units, that latents ``z`` [B, Z] stand for."""
        parts: list[NDArray[np.float64]] = [
            self._session.run(["reconstruction"], {"z": z[start : start + self._chunk]})[0]
            for start in range(0, max(len(z), 1), self._chunk)
        ]
        reconstruction = np.concatenate(parts)
        if len(reconstruction) != len(z):  # a graph may declare a batch that it does not keep to
            raise BundleGraphError(
                f"{DECODER}: 'reconstruction' must hold {len(z)} samples, found {len(reconstruction)}"
            )
        return reconstruction
