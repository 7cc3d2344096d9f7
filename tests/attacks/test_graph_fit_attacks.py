"""Graphs that do not fit the manifest, or do not do what they declare. Every digest fits."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from model.bundle import GRAPHS
from model.errors import (
    BundleError,
    BundleGoldenError,
    BundleGraphError,
    BundleGraphShapeError,
    BundleManifestError,
)
from tests.attacks.graph_surgery import SCORER, Attack, after_score, beside, constant, operate
from tests.attacks.refusal import assert_refused
from tests.attacks.sealing import forged_manifest, put_sealed


def output_of(model: onnx.ModelProto, name: str) -> onnx.ValueInfoProto:
    return next(value for value in model.graph.output if value.name == name)


def input_of_another_name(model: onnx.ModelProto) -> None:
    model.graph.input[0].name = "y"
    for node in model.graph.node:
        node.input[:] = ["y" if name == "x" else name for name in node.input]


def second_input(model: onnx.ModelProto) -> None:
    model.graph.input.append(helper.make_tensor_value_info("y", TensorProto.DOUBLE, ["batch", 4]))


def input_of_another_width(model: onnx.ModelProto) -> None:
    constant(model, "first_four", [0, 1, 2, 3], np.int64)
    for node in model.graph.node:
        node.input[:] = ["narrow" if name == "x" else name for name in node.input]
    model.graph.node.insert(0, helper.make_node("Gather", ["x", "first_four"], ["narrow"], axis=1))
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 5


def input_in_float32(model: onnx.ModelProto) -> None:
    for node in model.graph.node:
        node.input[:] = ["wide" if name == "x" else name for name in node.input]
    model.graph.node.insert(0, helper.make_node("Cast", ["x"], ["wide"], to=TensorProto.DOUBLE))
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT


def input_of_one_batch_size(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1


def score_in_float32(model: onnx.ModelProto) -> None:
    after_score(model, helper.make_node("Cast", ["honest"], ["score"], to=TensorProto.FLOAT))
    output_of(model, "score").type.tensor_type.elem_type = TensorProto.FLOAT


def score_as_a_column(model: onnx.ModelProto) -> None:
    constant(model, "axes", [1], np.int64)
    after_score(model, helper.make_node("Unsqueeze", ["honest", "axes"], ["score"]))
    output_of(model, "score").type.tensor_type.shape.dim.add(dim_value=1)


def score_missing(model: onnx.ModelProto) -> None:
    model.graph.output.remove(output_of(model, "score"))


def score_twice(model: onnx.ModelProto) -> None:
    model.graph.output.append(output_of(model, "score"))


def further_output(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Identity", ["x"], ["copy"]))
    model.graph.output.append(helper.make_tensor_value_info("copy", TensorProto.DOUBLE, ["batch", 4]))


UNFIT: list[Attack] = [
    input_of_another_name,
    second_input,
    input_of_another_width,
    input_in_float32,
    input_of_one_batch_size,
    score_in_float32,
    score_as_a_column,
    score_missing,
    score_twice,
    further_output,
]


def nan_for_a_score(model: onnx.ModelProto) -> None:
    after_score(model, helper.make_node("Neg", ["honest"], ["n"]), helper.make_node("Log", ["n"], ["score"]))


def score_of_nothing(model: onnx.ModelProto) -> None:
    after_score(model, helper.make_node("Sub", ["honest", "honest"], ["score"]))


def index_out_of_range(model: onnx.ModelProto) -> None:
    constant(model, "few", [1.0])
    constant(model, "index", 99, np.int64)
    beside(model, helper.make_node("Gather", ["few", "index"], ["scalar"]))


RUNNING: list[Attack] = [
    nan_for_a_score,
    score_of_nothing,
    index_out_of_range,
]


def two_scores_for_each_sample(model: onnx.ModelProto) -> None:
    after_score(model, helper.make_node("Concat", ["honest", "honest"], ["score"], axis=0))


def one_score_for_all_samples(model: onnx.ModelProto) -> None:
    after_score(model, helper.make_node("ReduceSum", ["honest"], ["score"], keepdims=1))


def four_scores_for_any_number_of_samples(model: onnx.ModelProto) -> None:
    constant(model, "four", [1.0, 2.0, 3.0, 4.0])
    after_score(model, helper.make_node("Identity", ["four"], ["score"]))


UNCOUNTED: list[Attack] = [
    two_scores_for_each_sample,
    one_score_for_all_samples,
    four_scores_for_any_number_of_samples,
]

ATTACKS: list[tuple[Attack, type[BundleError]]] = [
    *((attack, BundleGraphShapeError) for attack in UNFIT),
    *((attack, BundleGoldenError) for attack in RUNNING),
    *((attack, BundleGraphError) for attack in UNCOUNTED),
]


@pytest.mark.parametrize(("attack", "error"), ATTACKS, ids=lambda value: value.__name__)
def test_refused(bundle: Path, attack: Attack, error: type[BundleError]) -> None:
    operate(bundle, attack)
    assert_refused(bundle, error, "pump" if error is BundleGoldenError else SCORER)


def test_a_score_that_depends_on_its_batch_is_refused(bundle: Path) -> None:
    """The golden samples together get their scores: only one by one do they not."""
    with np.load(bundle / "golden.npz") as golden:
        mean = float(np.nanmean(golden["scores"]))

    def subtract_the_mean(model: onnx.ModelProto) -> None:
        constant(model, "golden_mean", mean)
        batch_mean = helper.make_node("ReduceMean", ["honest"], ["mean"], keepdims=0)
        beside(model, batch_mean, helper.make_node("Sub", ["mean", "golden_mean"], ["scalar"]))

    operate(bundle, subtract_the_mean)
    assert_refused(bundle, BundleGoldenError, "in batches of 1,")


@pytest.mark.parametrize(("name", "other"), [(name, other) for name in GRAPHS for other in GRAPHS if name != other])
def test_one_graph_in_the_place_of_another_is_refused(bundle: Path, name: str, other: str) -> None:
    put_sealed(bundle, name, (bundle / other).read_bytes())
    assert_refused(bundle, BundleGraphShapeError, name)


def test_graphs_that_do_not_fit_the_features_are_refused(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["features"].append({"name": "another"})
        manifest["explanation"]["readings"] *= 2
        del manifest["explanation"]["readings"][5:]
    assert_refused(bundle, BundleGraphShapeError, "encoder.onnx")


def test_a_detector_without_a_latent_may_not_bring_an_encoder(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["detector"], manifest["score"] = "knn", "distance"
        manifest["graphs"]["latent_size"] = None
    assert_refused(bundle, BundleManifestError, "lists 'encoder.onnx'; this bundle holds scorer.onnx,")


def test_graphs_that_do_not_fit_the_latent_are_refused(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["graphs"]["latent_size"] += 1
    assert_refused(bundle, BundleGraphShapeError, "encoder.onnx")
