"""Baselines as they are exported: the same signatures, parity, and the same bits in any batch."""

from functools import cache
from typing import get_args

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from model.detector_graphs import DetectorGraphs
from model.graph_check import check_graph, signatures
from model.manifest import WITHOUT_LATENT, DetectorKind
from model.raw_scorer import RawScorer
from model.sample_form import SampleForm
from tests.factories import untrained_detector
from training.baselines.candidates import fit_candidates
from training.certify import certify, torch_reference
from training.export import ExportedGraphs, export_graphs

BASELINES: tuple[DetectorKind, ...] = tuple(kind for kind in get_args(DetectorKind) if "vae" not in kind)
COUNTS = (1, 9)


def clean(feature_count: int, rows: int = 900, seed: int = 0) -> NDArray[np.float64]:
    """Draw rows of half as many causes as features; the first reading is rounded, so that rows tie."""
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).normal(size=((feature_count + 1) // 2, feature_count))
    x = 1000 + rng.normal(size=(rows, len(mixing))) @ mixing + 0.1 * rng.normal(size=(rows, feature_count))
    x[:, 0] = np.round(x[:, 0])
    return np.asarray(x)


@cache
def fitted(feature_count: int) -> dict[DetectorKind, DetectorGraphs]:
    rows = clean(feature_count)
    return fit_candidates(untrained_detector(feature_count, 1).graphs, rows[:600], rows[600:], 0)


@cache
def exported_as(kind: DetectorKind, feature_count: int) -> ExportedGraphs:
    return export_graphs(fitted(feature_count)[kind])


@pytest.mark.parametrize("kind", BASELINES)
@pytest.mark.parametrize("feature_count", COUNTS)
def test_a_baseline_passes_the_gate_and_the_check_that_readers_make(kind: DetectorKind, feature_count: int) -> None:
    graphs = fitted(feature_count)[kind]
    assert graphs.in_float64
    assert (graphs.latent is None) == (kind in WITHOUT_LATENT)
    exported = exported_as(kind, feature_count)
    x = clean(feature_count, 400, seed=1)
    x[::7, -1] += 3
    certificate = certify(exported, torch_reference(graphs, x), ())
    assert certificate.score_error < 1e-6
    expected = signatures(SampleForm((feature_count,)), graphs.latent.size if graphs.latent else None)
    assert exported.files().keys() == expected.keys()
    for name, signature in expected.items():
        check_graph(exported.files()[name], signature, name)
    operators = {node.op_type for node in onnx.load_model_from_string(exported.scorer).graph.node}
    assert not any(operator.startswith("Reduce") for operator in operators)


@pytest.mark.parametrize("kind", BASELINES)
def test_scores_and_explanations_do_not_depend_on_the_batch(kind: DetectorKind) -> None:
    raw, x = RawScorer(exported_as(kind, 9).scorer), clean(9, 2000, seed=2)
    together, explained = raw.scores(x), raw.explain(x)
    for batch in (1, 7, 64):
        again = np.concatenate([raw.scores(x[start : start + batch]) for start in range(0, 256, batch)])
        np.testing.assert_array_equal(again[:256], together[:256])
    alone = raw.explain(x[5:6])
    np.testing.assert_array_equal(alone.reconstruction[0], explained.reconstruction[5])
    np.testing.assert_array_equal(alone.contribution[0], explained.contribution[5])


@pytest.mark.parametrize("kind", BASELINES)
def test_a_large_fault_is_scored_high_and_laid_at_its_sensor(kind: DetectorKind) -> None:
    x = clean(9, 50, seed=3)
    before = torch_reference(fitted(9)[kind], x).score
    x[:, 4] += 20 * x[:, 4].std()
    seen = torch_reference(fitted(9)[kind], x)
    assert (seen.score > 5 * before.max()).all()
    np.testing.assert_array_equal(seen.contribution.argmax(axis=1), 4)


def test_the_same_seed_fits_the_same_baselines() -> None:
    rows = clean(3, 3000)
    vae = untrained_detector(3, 1).graphs
    first, again, other = (fit_candidates(vae, rows[:2500], rows[2500:], seed) for seed in (0, 0, 2**63 - 1))
    for kind in BASELINES:
        x = clean(3, 20, seed=4)
        np.testing.assert_array_equal(torch_reference(first[kind], x).score, torch_reference(again[kind], x).score)
    assert not np.array_equal(torch_reference(first["knn"], x).score, torch_reference(other["knn"], x).score)
