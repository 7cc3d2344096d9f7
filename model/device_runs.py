"""Runs on a GPU: batches padded to a few sizes, each with buffers of its own on the device, captured once and replayed.

A small graph's kernels take less time than it takes to launch them one by one; a captured run launches them all at once.
Buffers keep their place, as a captured run demands, and nothing is allocated on the way.
"""

from threading import Lock
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from model.inference import RUNTIME_ERRORS, Provider, open_session, running_provider
from model.onnx_runtime import onnxruntime as ort
from model.sample_form import SampleForm, SampleType

SIZES = (1, 16, 128)  # and the most that are run at once
TYPES: dict[str, SampleType] = {"tensor(double)": "float64", "tensor(uint8)": "uint8", "tensor(uint16)": "uint16"}
AGREEMENT = 1e-9  # relative; a captured run is the same arithmetic


class DeviceRuns:
    """Scores [B] of samples ``x`` [B, *shape] of a ``form``, B at most ``most``. Thread-safe: one run at a time."""

    def __init__(self, graph: onnx.ModelProto, form: SampleForm, provider: Provider, most: int) -> None:
        self._session = open_session(graph, provider, is_captured=True)
        device = running_provider(self._session)
        self.sizes = (*(size for size in SIZES if size < most), most)
        self._slots = {size: _Slot(self._session, size, form, device, number) for number, size in enumerate(self.sizes)}
        self._lock = Lock()

    def scores(self, x: NDArray[Any]) -> NDArray[np.float64]:
        size = next(size for size in self.sizes if size >= len(x))
        with self._lock:
            return self._slots[size].scores(self._session, x)


class _Slot:
    """The buffers of one size: samples on the host and on the device, scores on the device."""

    def __init__(
        self, session: ort.InferenceSession, size: int, form: SampleForm, device: Provider, number: int
    ) -> None:
        self._staged = np.zeros((size, *form.shape), dtype=form.dtype)
        self._samples = ort.OrtValue.ortvalue_from_numpy(self._staged, device, 0)
        self._scores = ort.OrtValue.ortvalue_from_shape_and_type((size,), np.float64, device, 0)
        self._binding = session.io_binding()
        self._binding.bind_ortvalue_input("x", self._samples)
        self._binding.bind_ortvalue_output("score", self._scores)
        self._options = ort.RunOptions()
        self._options.add_run_config_entry("gpu_graph_id", str(number + 1))  # each size is captured by itself

    def scores(self, session: ort.InferenceSession, x: NDArray[Any]) -> NDArray[np.float64]:
        self._staged[: len(x)] = x
        self._staged[len(x) :] = x[-1]  # a sample like any other, whose scores nobody looks at
        self._samples.update_inplace(self._staged)
        session.run_with_iobinding(self._binding, self._options)
        return np.array(self._scores.numpy()[: len(x)], dtype=np.float64)  # the buffer is for the next


def device_runs(graph: onnx.ModelProto, plain: ort.InferenceSession, chunk: int) -> DeviceRuns | None:
    """Prepare captured runs, each size tried against ``plain``; None where the graph cannot be captured.

    A graph of which a node is left to the CPU, for one, cannot be. ``chunk`` is how many rows are run at once.
    """
    (taken,) = plain.get_inputs()
    form = SampleForm(tuple(taken.shape[1:]), TYPES[taken.type])
    try:
        runs = DeviceRuns(graph, form, running_provider(plain), form.chunk(chunk))
        for size in runs.sizes:
            x = np.ones((size, *form.shape), dtype=form.dtype)
            for _ in range(2):  # captured, then replayed
                (expected,) = plain.run(("score",), {"x": x})
                if not np.allclose(runs.scores(x), expected, rtol=AGREEMENT, atol=0, equal_nan=True):
                    return None
    except RUNTIME_ERRORS:
        return None
    return runs
