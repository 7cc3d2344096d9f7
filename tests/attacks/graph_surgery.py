"""Operations on the golden scorer graph: what an attacker's exporter would do."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import NodeProto, helper, numpy_helper

from tests.attacks.sealing import put_sealed

SCORER = "scorer.onnx"
Attack = Callable[[onnx.ModelProto], None]


def scorer_of(bundle: Path) -> onnx.ModelProto:
    return onnx.load_model_from_string((bundle / SCORER).read_bytes())


def operate(bundle: Path, attack: Attack) -> None:
    """Put the scorer graph back as ``attack`` leaves it, with the manifest vouching for it."""
    model = scorer_of(bundle)
    attack(model)
    put_sealed(bundle, SCORER, model.SerializeToString())


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
