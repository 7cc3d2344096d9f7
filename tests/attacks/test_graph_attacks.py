"""Graphs that are broken, that could do more than arithmetic, or that do not fit the manifest. Every digest fits."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import NodeProto, TensorProto, helper, numpy_helper

from model.bundle import GRAPHS
from model.errors import BundleError, BundleGoldenError, BundleGraphError, BundleGraphShapeError
from model.graph_check import ALLOWED_OPERATORS
from tests.attacks.refusal import assert_refused
from tests.attacks.sealing import forged_manifest, put_sealed

SCORER = "scorer.onnx"
Attack = Callable[[onnx.ModelProto], None]


def scorer_of(bundle: Path) -> onnx.ModelProto:
    return onnx.load_model_from_string((bundle / SCORER).read_bytes())


def constant(model: onnx.ModelProto, name: str, values: object, dtype: type = np.float64) -> str:
    model.graph.initializer.append(numpy_helper.from_array(np.array(values, dtype=dtype), name))
    return name


def producer(model: onnx.ModelProto, output: str) -> NodeProto:
    return next(node for node in model.graph.node if output in node.output)


def after_score(model: onnx.ModelProto, *nodes: NodeProto) -> None:
    """Let ``nodes`` turn what was the score, now 'honest', into 'score'."""
    final = producer(model, "score")
    final.output[list(final.output).index("score")] = "honest"
    model.graph.node.extend(nodes)


def beside(model: onnx.ModelProto, *nodes: NodeProto) -> None:
    """Let ``nodes`` compute a 'scalar', float64 [], that is added to the score."""
    after_score(model, *nodes, helper.make_node("Add", ["honest", "scalar"], ["score"]))


def output_of(model: onnx.ModelProto, name: str) -> onnx.ValueInfoProto:
    return next(value for value in model.graph.output if value.name == name)


def empty_branch(output: str) -> onnx.GraphProto:
    value = helper.make_tensor_value_info(output, TensorProto.DOUBLE, None)
    return helper.make_graph([helper.make_node("Identity", ["honest"], [output])], "branch", [], [value])


# What a graph may not contain.


def branch(model: onnx.ModelProto) -> None:
    condition = constant(model, "condition", True, bool)
    node = helper.make_node(
        "If", [condition], ["score"], then_branch=empty_branch("then"), else_branch=empty_branch("else")
    )
    after_score(model, node)


def loop(model: onnx.ModelProto) -> None:
    count = constant(model, "count", 2**62, np.int64)
    after_score(model, helper.make_node("Loop", [count, "", "honest"], ["score"], body=empty_branch("next")))


def scan(model: onnx.ModelProto) -> None:
    after_score(model, helper.make_node("Scan", ["honest"], ["score"], body=empty_branch("next"), num_scan_inputs=1))


def subgraph_in_an_allowed_operator(model: onnx.ModelProto) -> None:
    model.graph.node[0].attribute.append(helper.make_attribute("body", empty_branch("then")))


def custom_domain(model: onnx.ModelProto) -> None:
    model.opset_import.append(helper.make_opsetid("evil", 1))
    after_score(model, helper.make_node("Run", ["honest"], ["score"], domain="evil"))


def allowed_name_in_a_custom_domain(model: onnx.ModelProto) -> None:
    after_score(model, helper.make_node("Identity", ["honest"], ["score"], domain="com.microsoft"))


def second_operator_set(model: onnx.ModelProto) -> None:
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))


def no_operator_set(model: onnx.ModelProto) -> None:
    del model.opset_import[:]


def local_function(model: onnx.ModelProto) -> None:
    standard = [helper.make_opsetid("", 20)]
    body = [helper.make_node("Identity", ["a"], ["b"])]
    model.functions.append(helper.make_function("", "Identity", ["a"], ["b"], body, standard))


def training_information(model: onnx.ModelProto) -> None:
    model.training_info.add().algorithm.CopyFrom(empty_branch("then"))


def external(tensor: onnx.TensorProto, location: str) -> None:
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, "offset": "0", "length": "32"}.items():
        tensor.external_data.add(key=key, value=value)


def external_data_from_the_system(model: onnx.ModelProto) -> None:
    external(model.graph.initializer[0], "/etc/passwd")


def external_data_that_climbs_out(model: onnx.ModelProto) -> None:
    external(model.graph.initializer[0], "../../../../../../../../etc/passwd")


def external_data_in_the_bundle(model: onnx.ModelProto) -> None:
    external(model.graph.initializer[0], "calibration.npy")


def external_data_without_saying_so(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].external_data.add(key="location", value="/etc/passwd")


def external_data_in_a_constant(model: onnx.ModelProto) -> None:
    tensor = numpy_helper.from_array(np.zeros(4), "weights")
    external(tensor, "/etc/passwd")
    beside(model, helper.make_node("Constant", [], ["scalar"], value=tensor))


def external_data_in_an_attribute(model: onnx.ModelProto) -> None:
    tensor = numpy_helper.from_array(np.zeros(4), "weights")
    external(tensor, "/etc/passwd")
    model.graph.node[0].attribute.append(helper.make_attribute("value", tensor))


def sparse_tensor(model: onnx.ModelProto) -> None:
    values = numpy_helper.from_array(np.ones(1), "sparse")
    indices = numpy_helper.from_array(np.zeros(1, dtype=np.int64), "indices")
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [2**40]))


def random_numbers(model: onnx.ModelProto) -> None:
    beside(model, helper.make_node("RandomNormal", [], ["scalar"], shape=[1], dtype=TensorProto.DOUBLE))


def random_numbers_like_the_input(model: onnx.ModelProto) -> None:
    after_score(model, helper.make_node("RandomUniformLike", ["honest"], ["score"]))


def random_dropout(model: onnx.ModelProto) -> None:
    after_score(model, helper.make_node("Dropout", ["honest"], ["score"]))


def division_that_kills_the_process(model: onnx.ModelProto) -> None:
    """The smallest int64 over -1 raises SIGFPE inside ONNX Runtime: no Python handler sees it."""
    constant(model, "smallest", -(2**63), np.int64)
    constant(model, "minus_one", -1, np.int64)
    divide = helper.make_node("Div", ["smallest", "minus_one"], ["quotient"])
    beside(model, divide, helper.make_node("Cast", ["quotient"], ["scalar"], to=TensorProto.DOUBLE))


def integers_from_a_cast(model: onnx.ModelProto) -> None:
    cast = helper.make_node("Cast", ["honest"], ["whole"], to=TensorProto.INT64)
    after_score(model, cast, helper.make_node("Cast", ["whole"], ["score"], to=TensorProto.DOUBLE))


def text_from_a_cast(model: onnx.ModelProto) -> None:
    cast = helper.make_node("Cast", ["honest"], ["text"], to=TensorProto.STRING)
    after_score(model, cast, helper.make_node("Cast", ["text"], ["score"], to=TensorProto.DOUBLE))


def text_as_a_weight(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(numpy_helper.from_array(np.array(["x"], dtype=object), "text"))


def tensor_of_a_size_that_a_file_says(model: onnx.ModelProto) -> None:
    constant(model, "one", 1.0)
    constant(model, "size", [2**40], np.int64)
    expand = helper.make_node("Expand", ["one", "size"], ["large"])
    beside(model, expand, helper.make_node("ReduceSum", ["large"], ["scalar"], keepdims=0))


def weight_that_announces_more_than_it_holds(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].dims[0] = 2**40


def weight_of_a_negative_size(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].dims[0] = -1


def weight_of_an_unknown_type(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].data_type = 77


def weight_twice(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(model.graph.initializer[0])


def weight_that_stands_in_for_the_input(model: onnx.ModelProto) -> None:
    constant(model, "x", [[1.0]])


def unknown_attribute(model: onnx.ModelProto) -> None:
    model.graph.node[0].attribute.append(helper.make_attribute("evil", 1))


def attribute_of_two_minds(model: onnx.ModelProto) -> None:
    attribute = helper.make_attribute("evil", 1)
    attribute.g.CopyFrom(empty_branch("then"))
    model.graph.node[0].attribute.append(attribute)


def attribute_by_reference(model: onnx.ModelProto) -> None:
    attribute = helper.make_attribute("axis", 1)
    attribute.ref_attr_name = "axis"
    model.graph.node[0].attribute.append(attribute)


def cycle(model: onnx.ModelProto) -> None:
    after_score(model, helper.make_node("Add", ["honest", "score"], ["score"]))


def value_from_nowhere(model: onnx.ModelProto) -> None:
    after_score(model, helper.make_node("Add", ["honest", "nowhere"], ["score"]))


def operator_that_writes_on_terminals(model: onnx.ModelProto) -> None:
    after_score(model, helper.make_node("\x1b[2J\nroot: all is well", ["honest"], ["score"]))


def weight_that_writes_on_terminals(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].name = "\x1b[2J\nroot: all is well"
    external(model.graph.initializer[0], "/etc/passwd")


def value_that_writes_on_terminals(model: onnx.ModelProto) -> None:
    after_score(model, helper.make_node("Add", ["honest", "\x1b[2J\rroot"], ["score"]))


def future_container(model: onnx.ModelProto) -> None:
    model.ir_version = 999


def future_operator_set(model: onnx.ModelProto) -> None:
    model.opset_import[0].version = 99


def index_that_only_running_shows_wrong(model: onnx.ModelProto) -> None:
    constant(model, "axis", 99, np.int64)
    constant(model, "scale", np.ones((1, 1, 4)))
    constant(model, "unit", np.ones(4))
    normal = helper.make_node("LayerNormalization", ["scale", "unit"], ["large"], axis=99)
    beside(model, normal, helper.make_node("ReduceSum", ["large"], ["scalar"], keepdims=0))


FORBIDDEN: list[Attack] = [
    branch,
    loop,
    scan,
    subgraph_in_an_allowed_operator,
    custom_domain,
    allowed_name_in_a_custom_domain,
    second_operator_set,
    no_operator_set,
    local_function,
    training_information,
    external_data_from_the_system,
    external_data_that_climbs_out,
    external_data_in_the_bundle,
    external_data_without_saying_so,
    external_data_in_a_constant,
    external_data_in_an_attribute,
    sparse_tensor,
    random_numbers,
    random_numbers_like_the_input,
    random_dropout,
    division_that_kills_the_process,
    integers_from_a_cast,
    text_from_a_cast,
    text_as_a_weight,
    tensor_of_a_size_that_a_file_says,
    weight_that_announces_more_than_it_holds,
    weight_of_a_negative_size,
    weight_of_an_unknown_type,
    weight_twice,
    weight_that_stands_in_for_the_input,
    unknown_attribute,
    attribute_of_two_minds,
    attribute_by_reference,
    cycle,
    value_from_nowhere,
    operator_that_writes_on_terminals,
    weight_that_writes_on_terminals,
    value_that_writes_on_terminals,
    future_container,
    future_operator_set,
    index_that_only_running_shows_wrong,
]


# What does not fit the manifest.


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


# What only running it shows.


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
    *((attack, BundleGraphError) for attack in (*FORBIDDEN, *UNCOUNTED)),
    *((attack, BundleGraphShapeError) for attack in UNFIT),
    *((attack, BundleGoldenError) for attack in RUNNING),
]


@pytest.mark.parametrize(("attack", "error"), ATTACKS, ids=lambda value: value.__name__)
def test_refused(bundle: Path, attack: Attack, error: type[BundleError]) -> None:
    model = scorer_of(bundle)
    attack(model)
    put_sealed(bundle, SCORER, model.SerializeToString())
    assert_refused(bundle, error, "pump" if error is BundleGoldenError else SCORER)


def test_a_score_that_depends_on_its_batch_is_refused(bundle: Path) -> None:
    """The golden samples together get their scores: only one by one do they not."""
    with np.load(bundle / "golden.npz") as golden:
        mean = float(np.nanmean(golden["scores"]))
    model = scorer_of(bundle)
    constant(model, "golden_mean", mean)
    batch_mean = helper.make_node("ReduceMean", ["honest"], ["mean"], keepdims=0)
    beside(model, batch_mean, helper.make_node("Sub", ["mean", "golden_mean"], ["scalar"]))
    put_sealed(bundle, SCORER, model.SerializeToString())
    assert_refused(bundle, BundleGoldenError, "in batches of 1,")


RAW: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "truncated": lambda raw: raw[: len(raw) // 2],
    "cut by a byte": lambda raw: raw[:-1],
    "garbage": lambda _: bytes(range(256)) * 8,
    "zeros": lambda _: bytes(1000),
    "text": lambda _: b"<html></html>",
    "a pickle": lambda _: b"\x80\x04N.",
    "doubled": lambda raw: raw + raw,
    "groups nested without end": lambda _: b"\x0b" * 100_000,
    "graphs nested without end": lambda _: nested(5000),
}


def nested(depth: int) -> bytes:
    """Give a model whose graph holds a node whose attribute holds a graph, and so on, as raw protocol buffers."""
    raw = b""
    for _ in range(depth):
        for tag in (0x0A, 0x2A, 0x32):  # GraphProto.node, NodeProto.attribute, AttributeProto.g
            raw = bytes([tag]) + length(len(raw)) + raw
    return bytes([0x3A]) + length(len(raw)) + raw


def length(size: int) -> bytes:
    parts = []
    while size > 127:
        parts.append(size & 127 | 128)
        size >>= 7
    return bytes([*parts, size])


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("spoil", RAW.values(), ids=RAW.keys())
def test_what_is_no_graph_is_refused(bundle: Path, name: str, spoil: Callable[[bytes], bytes]) -> None:
    put_sealed(bundle, name, spoil((bundle / name).read_bytes()))
    assert_refused(bundle, BundleGraphError, name)


@pytest.mark.parametrize(("name", "other"), [(name, other) for name in GRAPHS for other in GRAPHS if name != other])
def test_one_graph_in_the_place_of_another_is_refused(bundle: Path, name: str, other: str) -> None:
    put_sealed(bundle, name, (bundle / other).read_bytes())
    assert_refused(bundle, BundleGraphShapeError, name)


def test_graphs_that_do_not_fit_the_features_are_refused(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["features"].append({"name": "another"})
    assert_refused(bundle, BundleGraphShapeError, "encoder.onnx")


def test_graphs_that_do_not_fit_the_latent_are_refused(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["graphs"]["latent_size"] += 1
    assert_refused(bundle, BundleGraphShapeError, "encoder.onnx")


DANGEROUS = (
    "If Loop Scan SequenceMap RandomNormal RandomNormalLike RandomUniform RandomUniformLike Bernoulli Multinomial Dropout "
    "Expand Tile Range ConstantOfShape Pad Resize Upsample OneHot NonZero Unique Optional StringNormalizer TfIdfVectorizer "
    "RegexFullMatch ImageDecoder QuantizeLinear Mod BitShift Shape Size"
).split()


@pytest.mark.parametrize("operator", DANGEROUS)
def test_no_dangerous_operator_is_ever_allowed(operator: str) -> None:
    assert operator not in ALLOWED_OPERATORS
    assert onnx.defs.has(operator), "a misspelt name would pass"


@pytest.mark.parametrize("operator", sorted(ALLOWED_OPERATORS))
def test_every_allowed_operator_exists_and_carries_no_subgraph(operator: str) -> None:
    schema = onnx.defs.get_schema(operator, 20)
    subgraphs = {onnx.defs.OpSchema.AttrType.GRAPH, onnx.defs.OpSchema.AttrType.GRAPHS}
    assert not subgraphs & {attribute.type for attribute in schema.attributes.values()}
    assert not schema.deprecated
