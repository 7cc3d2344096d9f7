"""The server that LitServe's documentation shows: a LitAPI and its run. ``SCORER`` names the graph."""

import os
import sys

import litserve
import numpy as np
import onnxruntime


class ScorerAPI(litserve.LitAPI):
    def setup(self, device):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # it has one core
        self.session = onnxruntime.InferenceSession(os.environ["SCORER"], options, providers=["CPUExecutionProvider"])

    def decode_request(self, request):
        return np.array(request["samples"])

    def predict(self, x):
        return self.session.run(["score"], {"x": x})[0]

    def encode_response(self, scores):
        return {"scores": scores.tolist()}


if __name__ == "__main__":
    server = litserve.LitServer(ScorerAPI(), accelerator="cpu")
    server.run(port=int(sys.argv[1]), generate_client_file=False, log_level="warning")
