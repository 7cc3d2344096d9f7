"""The gate lets through what was trained, and nothing else."""

from dataclasses import replace
from functools import cache

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from model.errors import ParityError
from model.raw_scorer import RawScorer
from model.threshold import Threshold
from tests.factories import Untrained, untrained_detector
from tests.samples import clean_rows
from training.calibrate import calibrate
from training.certify import SCORE_RTOL, Reference, certify, torch_reference
from training.export import ExportedGraphs, export_graphs

X = clean_rows(2000)


@cache
def exported(seed: int = 0) -> tuple[Untrained, ExportedGraphs]:
    detector = untrained_detector(seed=seed)
    return detector, export_graphs(detector.graphs)


@cache
def reference() -> Reference:
    detector, _ = exported()
    return torch_reference(detector.graphs, X)


def threshold(target_fpr: float = 0.01) -> Threshold:
    return calibrate(reference().score, target_fpr, "tolerance", 0.95)


def tampered(raw: bytes, factor: float) -> bytes:
    """Multiply every float32 weight of a graph by ``factor``."""
    graph = onnx.load_model_from_string(raw)
    for tensor in graph.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT:
            scaled = numpy_helper.to_array(tensor) * np.float32(factor)
            tensor.CopyFrom(numpy_helper.from_array(scaled, tensor.name))
    return graph.SerializeToString()


def leaning_on_its_batch(raw: bytes) -> bytes:
    """Add a billionth of the batch's total score to each score: far within parity, yet no score of one sample."""
    graph = onnx.load_model_from_string(raw)
    for node in graph.graph.node:
        node.output[:] = ["own" if name == "score" else name for name in node.output]
        node.input[:] = ["own" if name == "score" else name for name in node.input]
    graph.graph.initializer.append(numpy_helper.from_array(np.array(1e-12), "little"))
    graph.graph.node.extend(
        [
            onnx.helper.make_node("ReduceSum", ["own"], ["total"], keepdims=1),
            onnx.helper.make_node("Mul", ["total", "little"], ["leaning"]),
            onnx.helper.make_node("Add", ["own", "leaning"], ["score"]),
        ]
    )
    return graph.SerializeToString()


def test_graphs_that_are_what_was_trained_pass_and_the_difference_is_recorded() -> None:
    certificate = certify(exported()[1], reference(), (threshold(),))
    assert certificate.samples == len(X)
    assert 0 <= certificate.score_error <= SCORE_RTOL


@pytest.mark.parametrize("factor", [1.001, 0.0, -1.0, float("nan")])
def test_tampered_weights_are_refused(factor: float) -> None:
    graphs = exported()[1]
    with pytest.raises(ParityError, match="must reproduce torch's scores within 1e-05; sample"):
        certify(replace(graphs, scorer=tampered(graphs.scorer, factor)), reference(), (threshold(),))


def test_another_models_scorer_is_refused() -> None:
    graphs = exported()[1]
    with pytest.raises(ParityError, match="must reproduce torch's scores"):
        certify(replace(graphs, scorer=exported(seed=1)[1].scorer), reference(), (threshold(),))


def test_a_score_that_depends_on_its_batch_is_refused_however_little() -> None:
    graphs = exported()[1]
    with pytest.raises(ParityError, match="scores differently in batches of 1"):
        certify(replace(graphs, scorer=leaning_on_its_batch(graphs.scorer)), reference(), (threshold(),))


@pytest.mark.parametrize("half", ["encoder", "decoder"])
def test_an_encoder_or_decoder_that_belongs_to_another_model_is_refused(half: str) -> None:
    graphs = exported()[1]
    other = {half: getattr(exported(seed=1)[1], half)}
    with pytest.raises(ParityError, match=rf"{half}\.onnx: \w+ differs from the model's"):
        certify(replace(graphs, **other), reference(), (threshold(),))


def test_a_log_variance_of_another_model_is_refused() -> None:
    graphs = exported()[1]
    assert graphs.encoder is not None
    encoder = onnx.load_model_from_string(graphs.encoder)
    for node in encoder.graph.node:
        node.output[:] = ["own" if name == "log_variance" else name for name in node.output]
    encoder.graph.initializer.append(numpy_helper.from_array(np.array(1.01), "little"))
    encoder.graph.node.append(onnx.helper.make_node("Mul", ["own", "little"], ["log_variance"]))
    with pytest.raises(ParityError, match=r"encoder\.onnx: log_variance differs"):
        certify(replace(graphs, encoder=encoder.SerializeToString()), reference(), (threshold(),))


def test_a_verdict_that_differs_is_refused_however_near_the_scores() -> None:
    graphs = exported()[1]
    scores = RawScorer(graphs.scorer).scores(X)
    apart = np.flatnonzero(scores != reference().score)
    low, high = sorted((scores[apart[0]], reference().score[apart[0]]))
    between = threshold().model_copy(update={"value": float(low + (high - low) / 2)})
    with pytest.raises(ParityError, match="disagree on a verdict"):
        certify(graphs, reference(), (between,))


def test_reference_scores_leave_the_model_as_it_was() -> None:
    detector, _ = exported()
    before = [parameter.clone() for parameter in detector.vae.parameters()]
    torch_reference(detector.graphs, X[:5])
    assert all(torch.equal(a, b) for a, b in zip(before, detector.vae.parameters(), strict=True))
