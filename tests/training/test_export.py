"""What is exported computes what was trained, to the bit the same in any company."""

from functools import cache

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from model.graph_check import check_graph, signatures
from model.raw_scorer import RawScorer
from model.sample_form import SampleForm
from tests.factories import Untrained, untrained_detector
from training.certify import BATCHES, SCORE_RTOL, torch_reference
from training.export import ExportedGraphs, export_graphs

ROWS = 2000
COUNTS = (1, 3, 9, 33)  # odd: rows of doubles then stand at every alignment


@cache
def exported(feature_count: int) -> tuple[Untrained, ExportedGraphs]:
    detector = untrained_detector(feature_count, latent_size=2)
    return detector, export_graphs(detector.graphs)


def samples(detector: Untrained, count: int = ROWS) -> NDArray[np.float64]:
    """Draw around three spreads from the location, where residuals are no longer near zero."""
    location, scale = detector.standardiser.location.numpy(), detector.standardiser.scale.numpy()
    rng = np.random.default_rng(0)
    return np.asarray(location + scale * (3 + rng.normal(size=(count, location.size))))


@pytest.mark.parametrize("feature_count", COUNTS)
def test_onnx_runtime_reproduces_the_scores_of_torch(feature_count: int) -> None:
    detector, graphs = exported(feature_count)
    x = samples(detector)
    expected = torch_reference(detector.graphs, x).score
    np.testing.assert_allclose(RawScorer(graphs.scorer).scores(x), expected, rtol=SCORE_RTOL)


@pytest.mark.parametrize("feature_count", COUNTS)
@pytest.mark.parametrize("batch", BATCHES)
def test_a_score_is_the_same_to_the_bit_in_any_batch(feature_count: int, batch: int) -> None:
    detector, graphs = exported(feature_count)
    x, raw = samples(detector), RawScorer(graphs.scorer)
    in_batches = np.concatenate([raw.scores(x[start : start + batch]) for start in range(0, ROWS, batch)])
    np.testing.assert_array_equal(in_batches, raw.scores(x))


@pytest.mark.parametrize("feature_count", COUNTS)
def test_a_score_is_the_same_to_the_bit_at_any_place_in_memory(feature_count: int) -> None:
    detector, graphs = exported(feature_count)
    x, raw = samples(detector, 64), RawScorer(graphs.scorer)
    expected = raw.scores(x)
    for offset in range(8):
        moved = np.empty(x.size + 8)[offset : offset + x.size].reshape(x.shape)
        moved[:] = x
        np.testing.assert_array_equal(raw.scores(moved), expected)


def test_a_batch_larger_than_a_chunk_scores_as_its_parts_do() -> None:
    detector, graphs = exported(3)
    x, raw = samples(detector, 10_000), RawScorer(graphs.scorer)
    np.testing.assert_array_equal(raw.scores(x), np.concatenate([raw.scores(x[:5000]), raw.scores(x[5000:])]))


def test_a_reconstruction_and_its_contributions_do_not_depend_on_the_batch_either() -> None:
    detector, graphs = exported(9)
    x, raw = samples(detector, 100), RawScorer(graphs.scorer)
    together = raw.explain(x)
    for row in range(0, 100, 7):
        alone = raw.explain(x[row : row + 1])
        np.testing.assert_array_equal(alone.reconstruction[0], together.reconstruction[row])
        np.testing.assert_array_equal(alone.contribution[0], together.contribution[row])


def test_a_reading_exactly_at_its_location_has_a_finite_contribution() -> None:
    detector, graphs = exported(3)
    at_location = detector.standardiser.location.numpy()[None, :]
    assert np.isfinite(RawScorer(graphs.scorer).explain(at_location).contribution).all()


def test_the_scorer_adds_up_by_a_product_and_never_by_a_reduction() -> None:
    # docs/decisions/0004: ONNX Runtime's ReduceSum adds a row of doubles in an order that follows its alignment.
    for feature_count in COUNTS:
        operators = {node.op_type for node in onnx.load_model_from_string(exported(feature_count)[1].scorer).graph.node}
        assert not any(operator.startswith("Reduce") for operator in operators)


def test_every_graph_passes_the_check_that_readers_make() -> None:
    for feature_count in COUNTS:
        graphs = exported(feature_count)[1].files()
        for name, signature in signatures(SampleForm((feature_count,)), 2).items():
            check_graph(graphs[name], signature, name)


def test_graphs_carry_no_trace_of_the_machine_that_trained() -> None:
    for raw in exported(3)[1].files().values():
        proto = onnx.load_model_from_string(raw)
        texts = [node.doc_string for node in proto.graph.node] + [node.name for node in proto.graph.node]
        assert not any("/" in text or ".py" in text for text in texts)
        assert not any(node.metadata_props for node in proto.graph.node)
        assert not proto.metadata_props
        assert b".py" not in raw


def test_exporting_twice_gives_the_same_bytes() -> None:
    detector, graphs = exported(3)
    assert export_graphs(detector.graphs) == graphs


def test_export_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    detector = untrained_detector(2, 1)
    export_graphs(detector.graphs)
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err == ""
