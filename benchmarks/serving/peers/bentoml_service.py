"""The service that BentoML's documentation shows: a class, an API method that takes an array. ``SCORER`` names the graph."""

import os

import bentoml
import numpy as np
import onnxruntime


@bentoml.service(workers=1, logging={"access": {"enabled": False}})
class Scorer:
    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # it has one core
        self.session = onnxruntime.InferenceSession(os.environ["SCORER"], options, providers=["CPUExecutionProvider"])

    @bentoml.api
    async def score(self, samples: np.ndarray) -> np.ndarray:
        return self.session.run(["score"], {"x": samples.astype(np.float64)})[0]
