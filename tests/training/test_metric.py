from typing import get_args

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model.detector import ScorerGraph, Standardiser
from model.manifest import ScoreKind
from model.vae import VAE
from tests.samples import clean_rows
from training.metric import SPREAD_FLOOR, choose_shrinkage, clean_residuals, fit_metric, mean_response
from training.standardise import MARGIN, fit_standardiser, standardised


def setting(feature_count: int = 4) -> tuple[VAE, Standardiser, NDArray[np.float64]]:
    rows = np.tile(clean_rows(3000), (1, 2))[:, :feature_count]
    torch.manual_seed(0)
    return (
        VAE(feature_count, 2, (8,), "per_feature"),
        fit_standardiser(rows, [f"P{index}" for index in range(feature_count)]),
        rows,
    )


def test_the_standardiser_gives_zero_mean_and_unit_spread() -> None:
    _, standardiser, rows = setting()
    values = standardised(rows, standardiser).double()
    torch.testing.assert_close(values.mean(dim=0), torch.zeros(4, dtype=torch.float64), atol=1e-5, rtol=0)
    torch.testing.assert_close(values.std(dim=0), torch.ones(4, dtype=torch.float64), atol=1e-3, rtol=0)


def test_the_encoder_sees_no_more_than_the_training_range_and_its_margin() -> None:
    _, standardiser, rows = setting()
    far = standardised(rows[:1] + 1e6, standardiser)[0].double()
    inside = (torch.from_numpy(rows) - standardiser.location) / standardiser.scale
    low, high = inside.min(dim=0).values, inside.max(dim=0).values
    torch.testing.assert_close(far, high + MARGIN * (high - low), atol=1e-5, rtol=1e-6)


def test_under_mahalanobis_clean_residuals_are_white() -> None:
    vae, standardiser, rows = setting()
    metric = fit_metric(vae, standardiser, rows[:2000], rows[2000:], "mahalanobis", seed=0)
    residuals, _ = clean_residuals(vae, standardiser, rows)
    covariance = torch.cov(((residuals - metric.centre) @ metric.whitening).T)
    torch.testing.assert_close(covariance, torch.eye(4, dtype=torch.float64), atol=0.05, rtol=0)


def test_the_joint_metric_whitens_residuals_and_latents_together() -> None:
    vae, standardiser, rows = setting()
    metric = fit_metric(vae, standardiser, rows[:2000], rows[2000:], "joint", seed=0)
    vectors = torch.cat(clean_residuals(vae, standardiser, rows), dim=1)
    covariance = torch.cov(((vectors - metric.centre) @ metric.whitening).T)
    torch.testing.assert_close(covariance, torch.eye(6, dtype=torch.float64), atol=0.1, rtol=0)


def test_the_standardized_metric_divides_each_residual_by_its_spread() -> None:
    vae, standardiser, rows = setting()
    metric = fit_metric(vae, standardiser, rows[:2000], rows[2000:], "standardized", seed=0)
    residuals, _ = clean_residuals(vae, standardiser, rows)
    torch.testing.assert_close(metric.whitening.diagonal(), 1 / residuals.std(dim=0))
    assert torch.count_nonzero(metric.whitening) == 4


def test_l2_is_the_plain_squared_error() -> None:
    vae, standardiser, rows = setting()
    metric = fit_metric(vae, standardiser, rows[:2000], rows[2000:], "l2", seed=0)
    assert torch.equal(metric.whitening, torch.eye(4, dtype=torch.float64))
    assert not metric.centre.any()


def test_repeated_features_leave_the_metric_finite() -> None:
    vae, standardiser, rows = setting(feature_count=8)  # features 5 to 8 are 1 to 4 again
    whitening = fit_metric(vae, standardiser, rows[:2000], rows[2000:], "mahalanobis", seed=0).whitening
    assert torch.isfinite(whitening).all()
    assert whitening.abs().max() <= 1 / SPREAD_FLOOR**2


@pytest.mark.parametrize("kind", ["standardized", "mahalanobis", "joint"])
def test_the_mean_clean_score_is_about_the_number_of_scored_dimensions(kind: ScoreKind) -> None:
    vae, standardiser, rows = setting()
    metric = fit_metric(vae, standardiser, rows[:2000], rows[2000:], kind, seed=0)
    residuals, latents = clean_residuals(vae, standardiser, rows)
    vectors = torch.cat([residuals, latents], dim=1) if kind == "joint" else residuals
    scores = ((vectors - metric.centre) @ metric.whitening).square().sum(dim=1)
    assert float(scores.mean()) == pytest.approx(vectors.shape[1], rel=0.05)


def test_few_rows_are_shrunk_more_than_many() -> None:
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(10, 10))
    few, many, held_out = (rng.normal(size=(count, 10)) @ mixing for count in (15, 5000, 2000))
    assert choose_shrinkage(few, held_out) > 10 * choose_shrinkage(many, held_out)


@pytest.mark.parametrize("kind", ["mahalanobis", "joint"])
def test_the_response_of_a_linear_detector_is_its_slope(kind: ScoreKind) -> None:
    _, standardiser, rows = setting()
    torch.manual_seed(0)
    vae = VAE(4, 2, (), "shared")
    readings = torch.cat([torch.zeros(1, 4), torch.eye(4)])
    with torch.no_grad():
        latent = vae.posterior(readings).mean
        moved = torch.cat([readings - vae.decode(latent), latent], dim=1).double()
    slope = (moved[1:] - moved[0]).T
    expected = slope if kind == "joint" else slope[:4]
    torch.testing.assert_close(mean_response(vae, standardiser, rows, kind), expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("kind", get_args(ScoreKind))
def test_on_a_fitted_metric_contributions_name_a_reading_the_encoder_does_not_follow(kind: ScoreKind) -> None:
    vae, standardiser, rows = setting()
    metric = fit_metric(vae, standardiser, rows[:2000], rows[2000:], kind, seed=0)
    x = rows[:4] + 100 * torch.diag(standardiser.scale).numpy()
    with torch.no_grad():
        _, _, contribution = ScorerGraph(vae, standardiser, metric)(torch.from_numpy(x))
    assert contribution.argmax(dim=1).tolist() == [0, 1, 2, 3]
