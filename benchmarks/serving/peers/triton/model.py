"""A model of Triton's Python backend, as its documentation shows it. ``SCORER`` names the graph."""

import os

import numpy as np
import onnxruntime
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def initialize(self, args):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # it has one core
        self.session = onnxruntime.InferenceSession(os.environ["SCORER"], options, providers=["CPUExecutionProvider"])

    def execute(self, requests):
        """Score requests that wait for each other in one run of the graph."""
        tensors = [pb_utils.get_input_tensor_by_name(request, "x").as_numpy() for request in requests]
        x = tensors[0] if len(tensors) == 1 else np.concatenate(tensors)
        (scores,) = self.session.run(["score"], {"x": x.astype(np.float64)})
        responses, start = [], 0
        for tensor in tensors:
            part = scores[start : start + len(tensor), None]
            responses.append(pb_utils.InferenceResponse([pb_utils.Tensor("score", part)]))
            start += len(tensor)
        return responses
