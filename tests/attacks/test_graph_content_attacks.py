"""Graphs that hold what a graph may not hold. Every digest fits."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from model.errors import BundleGraphError
from model.graph_check import ALLOWED_OPERATORS
from tests.attacks.graph_surgery import SCORER, Attack, after_score, beside, constant, operate
from tests.attacks.refusal import assert_refused


def empty_branch(output: str) -> onnx.GraphProto:
    value = helper.make_tensor_value_info(output, TensorProto.DOUBLE, None)
    return helper.make_graph([helper.make_node("Identity", ["honest"], [output])], "branch", [], [value])


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


ATTACKS: list[Attack] = [
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


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_refused(bundle: Path, attack: Attack) -> None:
    operate(bundle, attack)
    assert_refused(bundle, BundleGraphError, SCORER)


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
