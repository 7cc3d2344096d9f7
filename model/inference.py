"""ONNX Runtime sessions: which provider runs, and one graph from bytes to callable."""

import ctypes
from functools import cache
from typing import Literal

import onnx

from model.errors import BundleGraphError
from model.onnx_runtime import onnxruntime as ort
from model.onnx_runtime import onnxruntime_state as state
from model.quoting import quoted

Provider = Literal["cpu", "cuda"]

# Every error that ONNX Runtime has for a graph or a run; they share no parent below Exception.
RUNTIME_ERRORS = (
    state.EPFail,
    state.EngineError,
    state.Fail,
    state.InvalidArgument,
    state.InvalidGraph,
    state.InvalidProtobuf,
    state.NotImplemented,
    state.RuntimeException,
)

_AS_REQUESTED = 1  # how the arena grows: by what is asked for, rather than to the next power of two


@cache
def cuda_device_count() -> int:
    """Count CUDA devices by asking the driver; no driver, no devices."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value


def best_provider() -> Provider:
    """Choose CUDA where there is a device and a runtime built for it, else the CPU."""
    return "cuda" if "CUDAExecutionProvider" in ort.get_available_providers() and cuda_device_count() else "cpu"


@cache
def _share_arena() -> None:
    """Have the sessions of this process share one arena: each one's own costs some 5 MiB and is never any quicker.

    Without any, large images are scored at two thirds of the speed: their activations come from the system every time.
    """
    memory = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    ort.create_and_register_allocator(memory, ort.OrtArenaCfg(0, _AS_REQUESTED, -1, -1))


def open_session(
    graph: onnx.ModelProto, provider: Provider, file: str = "a graph", *, is_captured: bool = False
) -> ort.InferenceSession:
    """Make a session with one intra-op thread: a verdict must not depend on how work was split among threads.

    Where there is no CUDA device the CPU runs, in silence; ``running_provider`` tells which it is. ``file`` is what an
    error calls the graph. ``is_captured`` has CUDA record runs and replay them, see ``device_runs.py``.

    Raises:
        BundleGraphError: ONNX Runtime cannot run this graph.
    """
    _share_arena()
    options = ort.SessionOptions()
    options.add_session_config_entry("session.use_env_allocators", "1")
    # Weights stay out of the arena, which gives nothing back: what a session held is free again when it goes.
    options.add_session_config_entry("session.use_device_allocator_for_initializers", "1")
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what matters is raised, or shown as the provider in /metrics
    cuda = provider == "cuda" and best_provider() == "cuda"
    # TensorFloat-32 keeps ten bits of a product's factors; scores are promised to five digits.
    on_device = (
        [("CUDAExecutionProvider", {"use_tf32": "0", "enable_cuda_graph": str(int(is_captured))})] if cuda else []
    )
    try:
        return ort.InferenceSession(graph.SerializeToString(), options, providers=[*on_device, "CPUExecutionProvider"])
    except RUNTIME_ERRORS as error:
        raise BundleGraphError(f"{file}: ONNX Runtime {ort.__version__} cannot run it: {quoted(str(error))}") from error


def running_provider(session: ort.InferenceSession) -> Provider:
    """Tell which provider a session really got."""
    return "cuda" if "CUDAExecutionProvider" in session.get_providers() else "cpu"


def keep_outputs(graph: onnx.ModelProto, names: set[str]) -> onnx.ModelProto:
    """Copy a graph with only the named outputs, and with what leads to them: ONNX Runtime would run the rest, too.

    Graphs have no others inside (``graph_check`` sees to it), so what a node needs are its inputs.
    """
    pruned = onnx.ModelProto()
    pruned.CopyFrom(graph)
    kept = [output for output in graph.graph.output if output.name in names]
    needed = {output.name for output in kept}
    nodes = []
    for node in reversed(graph.graph.node):  # each comes after those it needs
        if not needed.isdisjoint(node.output):
            needed.update(node.input)
            nodes.append(node)
    weights = [weight for weight in graph.graph.initializer if weight.name in needed]
    for field, content in (("output", kept), ("node", nodes[::-1]), ("initializer", weights)):
        pruned.graph.ClearField(field)
        getattr(pruned.graph, field).extend(content)
    return pruned
