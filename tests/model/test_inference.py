import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from model.errors import BundleGraphError
from model.inference import (
    best_provider,
    cuda_device_count,
    keep_outputs,
    open_session,
    running_provider,
)
from model.onnx_runtime import onnxruntime
from tests.golden.bundle import GOLDEN_BUNDLE

needs_no_gpu = pytest.mark.skipif(cuda_device_count() > 0, reason="this machine has a CUDA device")


def scorer_graph() -> onnx.ModelProto:
    return onnx.load_model_from_string((GOLDEN_BUNDLE / "scorer.onnx").read_bytes())


def unknown_operator() -> onnx.ModelProto:
    value = helper.make_tensor_value_info("x", TensorProto.DOUBLE, [1])
    result = helper.make_tensor_value_info("y", TensorProto.DOUBLE, [1])
    graph = helper.make_graph([helper.make_node("NoSuchOperator", ["x"], ["y"])], "g", [value], [result])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])


@needs_no_gpu
def test_without_a_device_the_cpu_is_best() -> None:
    assert best_provider() == "cpu"


@needs_no_gpu
def test_asking_for_cuda_without_a_device_runs_on_the_cpu_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    session = open_session(scorer_graph(), "cuda")
    assert running_provider(session) == "cpu"
    assert capfd.readouterr() == ("", "")


def test_opening_and_running_write_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    session = open_session(scorer_graph(), "cpu")
    session.run(["score"], {"x": np.ones((3, 4))})
    assert running_provider(session) == "cpu"
    assert capfd.readouterr() == ("", "")


def test_a_session_splits_no_work_among_threads() -> None:
    options = open_session(scorer_graph(), "cpu").get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)


def test_a_graph_that_cannot_run_is_refused_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(
        BundleGraphError, match=rf"^scorer\.onnx: ONNX Runtime {onnxruntime.__version__} cannot run it: "
    ):
        open_session(unknown_operator(), "cpu", "scorer.onnx")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("names", [{"score"}, {"contribution"}, {"score", "reconstruction"}])
def test_only_the_outputs_that_are_kept_are_there(names: set[str]) -> None:
    kept = open_session(keep_outputs(scorer_graph(), names), "cpu")
    assert {output.name for output in kept.get_outputs()} == names


def test_keeping_fewer_outputs_changes_none_of_them_by_a_bit() -> None:
    x = np.random.default_rng(0).normal(size=(50, 4))
    everything = open_session(scorer_graph(), "cpu").run(["score"], {"x": x})[0]
    alone = open_session(keep_outputs(scorer_graph(), {"score"}), "cpu").run(["score"], {"x": x})[0]
    np.testing.assert_array_equal(alone, everything)


def test_keeping_outputs_leaves_the_graph_itself_alone() -> None:
    graph = scorer_graph()
    before = graph.SerializeToString(deterministic=True)
    keep_outputs(graph, {"score"})
    assert graph.SerializeToString(deterministic=True) == before
