"""What a graph finds it may only look up or choose by: the places of a TopK, which are integers, the truths of an IsNaN."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from model.errors import BundleGraphError
from tests.attacks.graph_surgery import SCORER, Attack, after_score, constant, operate
from tests.attacks.refusal import assert_refused


def integers_from_a_search(model: onnx.ModelProto) -> None:
    """The places that TopK finds are integers, and dividing by the first of them would kill the process."""
    constant(model, "one", [1], np.int64)
    search = helper.make_node("TopK", ["reconstruction", "one"], ["largest", "place"])
    divide = helper.make_node("Div", ["one", "place"], ["quotient"])
    after_score(model, search, divide, helper.make_node("Cast", ["quotient"], ["score"], to=TensorProto.DOUBLE))


def integers_handed_on(model: onnx.ModelProto) -> None:
    constant(model, "one", [1], np.int64)
    search = helper.make_node("TopK", ["reconstruction", "one"], ["largest", "place"])
    handed_on = helper.make_node("Identity", ["place"], ["same"])
    after_score(model, search, handed_on, helper.make_node("Identity", ["honest"], ["score"]))


def integers_looked_up(model: onnx.ModelProto) -> None:
    constant(model, "one", [1], np.int64)
    constant(model, "numbers", [1, 2, 3, 4], np.int64)
    search = helper.make_node("TopK", ["reconstruction", "one"], ["largest", "place"])
    look_up = helper.make_node("Gather", ["numbers", "place"], ["found"])
    after_score(model, search, look_up, helper.make_node("Identity", ["honest"], ["score"]))


def more_neighbours_than_there_are(model: onnx.ModelProto) -> None:
    constant(model, "many", [2**40], np.int64)
    constant(model, "axes", [1], np.int64)
    search = helper.make_node("TopK", ["reconstruction", "many"], ["largest", "place"])
    add_up = helper.make_node("ReduceSum", ["largest", "axes"], ["sum"], keepdims=0)
    after_score(model, search, add_up, helper.make_node("Add", ["honest", "sum"], ["score"]))


def truth_from_a_cast(model: onnx.ModelProto) -> None:
    cast = helper.make_node("Cast", ["honest"], ["truth"], to=TensorProto.BOOL)
    after_score(model, cast, helper.make_node("Cast", ["truth"], ["score"], to=TensorProto.DOUBLE))


def truth_that_is_chosen(model: onnx.ModelProto) -> None:
    truth = helper.make_node("IsNaN", ["honest"], ["truth"])
    choice = helper.make_node("Where", ["truth", "truth", "truth"], ["chosen"])
    after_score(model, truth, choice, helper.make_node("Cast", ["chosen"], ["score"], to=TensorProto.DOUBLE))


ATTACKS: list[Attack] = [
    integers_from_a_search,
    integers_handed_on,
    integers_looked_up,
    more_neighbours_than_there_are,
    truth_from_a_cast,
    truth_that_is_chosen,
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_refused(bundle: Path, attack: Attack) -> None:
    operate(bundle, attack)
    assert_refused(bundle, BundleGraphError, SCORER)
