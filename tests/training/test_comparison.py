"""Detectors of known worth against each other: the better one wins, equals tie."""

from functools import cache

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model.detector_graphs import DetectorGraphs
from model.gaussian_scorer import GaussianScorerGraph
from model.sample_form import SampleForm
from training.baseline_gate import conclude
from training.baselines.mahalanobis import fit_mahalanobis
from training.baselines.pca import fit_pca
from training.comparison import Comparison, allowed_above, compare_detectors
from training.config import TrainingConfig
from training.config_file import load_config

CONFORMAL = load_config(None, {"calibration.rule": "conformal"})


def rows(count: int, seed: int = 0) -> NDArray[np.float64]:
    """Draw rows of four readings that follow two causes closely."""
    rng = np.random.default_rng(seed)
    mixing = np.array([[1.0, 0.8, 0.1, 0.9], [0.0, 0.5, 1.0, -0.4]])
    return np.asarray(rng.normal(size=(count, 2)) @ mixing + 0.1 * rng.normal(size=(count, 4)))


def each_by_itself() -> DetectorGraphs:
    """Build a detector that knows how far each reading varies, and nothing of how they go together."""
    x = rows(1000)
    parts = (torch.from_numpy(x.mean(axis=0)), torch.from_numpy(x.std(axis=0)), torch.eye(4, dtype=torch.float64))
    return DetectorGraphs(GaussianScorerGraph(*parts), None, SampleForm((4,)))


@cache
def compared() -> Comparison:
    robust = fit_mahalanobis(rows(800), rows(200, 1), 0)
    return compare_detectors({"vae": each_by_itself(), "mahalanobis": robust}, rows(600, 2), TrainingConfig())


def test_a_detector_that_knows_correlations_beats_one_that_does_not_beyond_chance() -> None:
    comparison = compared()
    assert comparison.best == "mahalanobis"
    assert comparison.leaders == ("mahalanobis",)
    better, worse = comparison.standings.values()
    assert better.detection.low > worse.detection.high
    assert worse.behind.low > 0
    assert worse.behind.value == pytest.approx(better.detection.value - worse.detection.value)
    assert better.right_sensor.value > 0.8
    assert better.by_kind["decorrelation"] > 5 * worse.by_kind["decorrelation"]
    assert comparison.metrics()["injected_detection_mahalanobis"] == better.detection.value


def test_the_beaten_one_is_told_so_with_the_flag_that_exports_the_better_one() -> None:
    conclusion = conclude(compared(), "vae")
    assert conclusion.outcome == "beaten"
    assert conclusion.headline.startswith("Robust Mahalanobis finds more injected faults than the VAE: ")
    assert conclusion.flag == "--detector mahalanobis"
    assert conclude(compared(), "mahalanobis").outcome == "won"
    assert conclude(compared(), "mahalanobis").flag == ""


def test_detectors_that_differ_by_nothing_that_matters_tie() -> None:
    pca, robust = fit_pca(rows(800), rows(200, 1)), fit_mahalanobis(rows(800), rows(200, 1), 0)
    comparison = compare_detectors({"pca": pca, "mahalanobis": robust, "vae": pca}, rows(600, 2), TrainingConfig())
    assert set(comparison.leaders) == {"pca", "mahalanobis", "vae"}
    conclusion = conclude(comparison, "vae")
    assert conclusion.outcome == "tied"
    assert conclusion.headline.startswith("A tie: the VAE, ")


def test_the_same_rows_and_seed_give_the_same_figures() -> None:
    again = compare_detectors(
        {"vae": each_by_itself(), "mahalanobis": fit_mahalanobis(rows(800), rows(200, 1), 0)},
        rows(600, 2),
        TrainingConfig(),
    )
    assert again == compared()


@pytest.mark.parametrize(("count", "above"), [(299, 0), (1000, 4), (100, 1)])
def test_as_many_calibration_rows_may_lie_above_as_the_rule_allows(count: int, above: int) -> None:
    assert allowed_above(count, TrainingConfig()) == above


def test_by_another_rule_the_rate_itself_is_taken() -> None:
    assert allowed_above(1000, CONFORMAL) == 10


@pytest.mark.parametrize("count", [20, 41])
def test_few_calibration_rows_are_enough_to_compare(count: int) -> None:
    comparison = compare_detectors({"vae": each_by_itself()}, rows(count, 2), CONFORMAL)
    assert comparison.leaders == ("vae",)
    assert 0 < comparison.standings["vae"].detection.value < 1
