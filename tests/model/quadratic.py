"""Scorer graphs whose score is a quadratic form, written by hand: what is best to put right can be told on paper."""

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, ValueInfoProto, helper, numpy_helper

from model.raw_scorer import RawScorer


def quadratic_scorer(directions: NDArray[np.float64]) -> RawScorer:
    """Build a scorer of F features: score = || x @ directions ||^2, with ``directions`` [F, V]."""
    features = len(directions)
    constants = {
        "directions": directions,
        "backwards": directions.T,
        "ones": np.ones(directions.shape[1]),
        "lengths": np.square(directions).sum(axis=1),
    }
    nodes = [
        helper.make_node("MatMul", ["x", "directions"], ["whitened"]),
        helper.make_node("Mul", ["whitened", "whitened"], ["squares"]),
        helper.make_node("MatMul", ["squares", "ones"], ["score"]),
        helper.make_node("Identity", ["x"], ["reconstruction"]),
        helper.make_node("MatMul", ["whitened", "backwards"], ["along"]),
        helper.make_node("Mul", ["along", "along"], ["falls"]),
        helper.make_node("Div", ["falls", "lengths"], ["contribution"]),
    ]

    def value(name: str, *shape: int) -> ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["batch", *shape])

    graph = helper.make_graph(
        nodes,
        "scorer",
        [value("x", features)],
        [value("score"), value("reconstruction", features), value("contribution", features)],
        [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in constants.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    return RawScorer(made.SerializeToString())
