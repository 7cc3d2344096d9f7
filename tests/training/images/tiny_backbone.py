"""A backbone small enough to be made by a test: two blocks that join, a pool between them, a classification at the end."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FIELD = 32
LAYERS = ("block1", "block2")


def tiny_backbone(file: Path, *, half: bool = True, operator: str = "Relu") -> Path:
    """Write a network with fixed input [1, 3, 32, 32], in float16 where ``half``; ``operator`` is its first activation."""
    rng = np.random.default_rng(5)
    number, kind = (np.float16, TensorProto.FLOAT16) if half else (np.float32, TensorProto.FLOAT)

    def weight(name: str, *shape: int) -> onnx.TensorProto:
        values = rng.normal(size=shape) / np.sqrt(np.prod(shape[1:]) or 1)
        return numpy_helper.from_array(values.astype(number), name)

    nodes = [
        helper.make_node("Conv", ["image", "w1", "b1"], ["c1"], kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1]),
        helper.make_node(operator, ["c1"], ["r1"]),
        helper.make_node("Conv", ["r1", "w2"], ["c2"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Sigmoid", ["c2"], ["s2"]),
        helper.make_node("Concat", ["r1", "s2"], ["block1"], axis=1),
        helper.make_node("MaxPool", ["block1"], ["p1"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("BatchNormalization", ["p1", "scale", "shift", "mean", "variance"], ["n1"]),
        helper.make_node("Conv", ["n1", "w3"], ["c3"], kernel_shape=[1, 1], group=2),
        helper.make_node("Add", ["c3", "n1"], ["a3"]),
        helper.make_node("LeakyRelu", ["a3"], ["block2"], alpha=0.2),
        helper.make_node("GlobalAveragePool", ["block2"], ["g"]),
        helper.make_node("Flatten", ["g"], ["classes"]),
    ]
    ones = [
        numpy_helper.from_array(np.full(8, value, number), name)
        for name, value in (("scale", 1.0), ("shift", 0.1), ("mean", 0.2), ("variance", 2.0))
    ]
    weights = [weight("w1", 4, 3, 3, 3), weight("b1", 4), weight("w2", 4, 4, 3, 3), weight("w3", 8, 4, 1, 1), *ones]
    outputs = [helper.make_tensor_value_info("classes", kind, [1, 8])]
    graph = helper.make_graph(
        nodes, "tiny", [helper.make_tensor_value_info("image", kind, [1, 3, FIELD, FIELD])], outputs, weights
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, file)
    return file
