"""The one door to ONNX Runtime: it reports to its makers unless told otherwise before it loads."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as onnxruntime_state

__all__ = ["onnxruntime", "onnxruntime_state"]
