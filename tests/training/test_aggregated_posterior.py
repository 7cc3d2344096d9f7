import numpy as np
import pytest
from scipy.stats import multivariate_normal

from model.encoder import Latents
from training.aggregated_posterior import measure_posterior, posteriors_to_keep

RNG = np.random.default_rng(0)


def latents(mean: np.ndarray, variance: float) -> Latents:
    return Latents(mean, np.full_like(mean, np.log(variance)))


def test_posteriors_that_repeat_the_prior_are_collapsed_and_nowhere_from_it() -> None:
    found = measure_posterior(latents(np.zeros((50, 3)), 1.0))
    assert found.active == 0
    assert found.rate == pytest.approx(0)
    assert found.distance == pytest.approx(0)


def test_a_rate_is_the_mean_divergence_from_the_prior() -> None:
    mean, variance = np.array([[0.5], [-1.5]]), 0.3
    draws = RNG.normal(size=200_000)
    each = []
    for centre in mean[:, 0]:
        z = centre + np.sqrt(variance) * draws
        log_posterior = -0.5 * np.square(draws) - 0.5 * np.log(variance)
        each.append((log_posterior + 0.5 * np.square(z)).mean())
    assert measure_posterior(latents(mean, variance)).rate[0] == pytest.approx(np.mean(each), abs=0.01)


def test_the_distance_is_that_of_normal_distributions_and_parts_into_gaps_and_total_correlation() -> None:
    mean = RNG.normal(size=(400, 3)) @ np.array([[0.9, 0.5, 0.0], [0.0, 0.4, 0.0], [0.0, 0.0, 0.05]]) + [0.3, 0.0, 0.0]
    found = measure_posterior(latents(mean, 0.2))
    covariance = np.cov(mean, rowvar=False, bias=True) + 0.2 * np.eye(3)
    whole = multivariate_normal(mean.mean(axis=0), covariance)
    # The mean of a log ratio is linear in second moments, so points with exactly these give it without noise.
    points = RNG.normal(size=(2000, 3))
    points = (points - points.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(points.T, bias=True))).T
    points = points @ np.linalg.cholesky(covariance).T + mean.mean(axis=0)
    expected = (whole.logpdf(points) - multivariate_normal(np.zeros(3), np.eye(3)).logpdf(points)).mean()
    assert found.distance == pytest.approx(expected)
    assert found.gap.sum() + found.total_correlation == pytest.approx(found.distance)
    assert found.total_correlation > 0.1
    assert found.active == 2


def test_latents_without_correlation_have_no_total_correlation() -> None:
    mean = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    assert measure_posterior(latents(mean, 0.1)).total_correlation == pytest.approx(0, abs=1e-12)


def test_a_single_latent_and_a_single_sample_can_be_measured() -> None:
    found = measure_posterior(latents(np.array([[2.0]]), 1.0))
    assert found.rate == pytest.approx(2.0)
    assert found.distance == pytest.approx(2.0)


def test_the_metrics_name_every_latent() -> None:
    metrics = measure_posterior(latents(RNG.normal(size=(30, 2)), 0.5)).metrics()
    assert {"active_latents", "aggregated_posterior_kl", "total_correlation"} < set(metrics)
    assert [name for name in metrics if name.endswith("_rate")] == ["latent_1_rate", "latent_2_rate"]


def test_what_is_kept_are_means_and_standard_deviations() -> None:
    kept = posteriors_to_keep(latents(np.array([[1.0, 2.0]]), 0.25))
    np.testing.assert_allclose(kept, [[1.0, 2.0, 0.5, 0.5]])
