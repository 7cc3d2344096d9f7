"""A detector trained for absent values, through the graphs that are served."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model.features import FeatureSpec
from model.graph_check import check_graph, signatures
from model.sample_form import SampleForm
from model.validity import invalid_samples
from training.absence import hide_values
from training.absence_rates import measure_absence, tried_counts, without
from training.config import TrainingConfig
from training.learn import learn_detector
from training.served import ServedDetector, make_served

FEATURES = 6


def rows(count: int, seed: int) -> NDArray[np.float64]:
    """Draw readings of six sensors that two hidden states move, with a tenth of their spread as noise."""
    mixing = np.random.default_rng(0).normal(size=(2, FEATURES))
    rng = np.random.default_rng(seed)
    return 10 + rng.normal(size=(count, 2)) @ mixing + 0.1 * rng.normal(size=(count, FEATURES))


@pytest.fixture(scope="module")
def spec() -> FeatureSpec:
    return config().feature_spec(tuple("abcdef"))


def config() -> TrainingConfig:
    return TrainingConfig.model_validate(
        {"data": {"missing": "allow"}, "fit": {"steps": 300}, "vae": {"hidden": [32]}, "target_fpr": 0.02}
    )


@pytest.fixture(scope="module")
def served(spec: FeatureSpec) -> ServedDetector:
    detector = learn_detector(rows(1500, 1), rows(600, 2), spec, config(), None, lambda _record, _epochs: None)
    return make_served(detector.graphs, spec, rows(800, 3), config())


def test_half_of_the_values_may_be_absent(spec: FeatureSpec) -> None:
    assert spec.most_absent == 3


def test_its_graphs_are_allowed_in_a_bundle(served: ServedDetector) -> None:
    for name, expected in signatures(SampleForm((FEATURES,)), served.latent_size).items():
        check_graph(served.graphs.files()[name], expected, name)


def test_clean_samples_raise_about_as_many_alarms_with_values_absent(served: ServedDetector) -> None:
    rates = measure_absence(served.raw, served.threshold.value, rows(2000, 4), 3, 0)
    assert list(rates) == [1, 2, 3]
    assert all(rate < 0.04 for rate in rates.values()), rates  # 2 % are promised


def test_a_fault_is_found_with_another_value_absent(served: ServedDetector) -> None:
    faulty = rows(200, 5)
    faulty[:, 0] += 3
    faulty[:, 1] = np.nan
    assert (served.raw.scores(faulty) > served.threshold.value).mean() > 0.9


def test_an_absent_value_contributes_nothing_and_is_rebuilt(served: ServedDetector) -> None:
    clean = rows(500, 6)
    incomplete = clean.copy()
    incomplete[:, 2] = np.nan
    explained = served.raw.explain(incomplete)
    assert not explained.contribution[:, 2].any()
    assert np.abs(explained.reconstruction[:, 2] - clean[:, 2]).mean() < 0.5 * clean[:, 2].std()


def test_the_gate_and_the_golden_samples_include_absent_values(served: ServedDetector, spec: FeatureSpec) -> None:
    absent = np.isnan(served.golden.samples).sum(axis=1)
    scored = np.isfinite(served.golden.scores)
    assert set(absent[scored]) >= {0, 1, 2, 3}
    assert not scored[absent > spec.most_absent].any()
    assert served.certificate.samples > 800 + scored.sum()


def test_hiding_leaves_half_of_the_rows_complete_and_repeats_by_its_seed() -> None:
    x = torch.ones(2000, 8)
    hidden = hide_values(x, torch.Generator().manual_seed(0)).isnan()
    assert torch.equal(hidden, hide_values(x, torch.Generator().manual_seed(0)).isnan())
    assert 0.5 < (~hidden.any(dim=1)).double().mean() < 0.65
    assert 0.09 < hidden.double().mean() < 0.16


def test_so_many_values_of_each_row_are_hidden() -> None:
    hidden = np.isnan(without(rows(50, 7), 2, np.random.default_rng(0)))
    assert (hidden.sum(axis=1) == 2).all()
    assert hidden.any(axis=0).all()


def test_few_numbers_of_absent_values_are_tried_up_to_the_most() -> None:
    assert tried_counts(3).tolist() == [1, 2, 3]
    assert tried_counts(200).size == 8
    assert tried_counts(200)[-1] == 200


def test_more_absent_values_than_allowed_are_invalid(spec: FeatureSpec) -> None:
    x = rows(3, 8)
    x[0, :3] = np.nan
    x[1, :4] = np.nan
    x[2, 0], x[2, 1] = np.nan, np.inf
    assert invalid_samples(x, spec) == {
        1: "missing_value: 'a', 'b', 'c', 'd' have no value; at most 3 may be absent",
        2: "infinite_value: 'b' is infinite",
    }
