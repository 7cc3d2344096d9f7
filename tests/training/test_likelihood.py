"""The likelihood of clean rows, against a model whose likelihood is known, and against one that learned by heart."""

import numpy as np
import pytest
import torch
from scipy import stats

from model.detector import Standardiser
from model.elbo import elbo_terms
from model.vae import VAE
from training.fit import new_optimiser
from training.likelihood import ROWS, measure_generalisation, measure_likelihood
from training.standardise import fit_standardiser, standardised


def linear_vae() -> VAE:
    """Two features, one latent, noise one, decoder w = (1, 2): x ~ N(0, I + w w')."""
    vae = VAE(2, 1, (), "fixed")
    with torch.no_grad():
        for parameter in vae.parameters():
            parameter.zero_()
        vae.decoder.get_parameter("1.weight").copy_(torch.tensor([[1.0], [2.0]]))
        vae.posterior_mean.weight.copy_(torch.tensor([[1.0, 2.0]]) / 6)
        vae.posterior_log_variance.bias.fill_(-np.log(6))
    return vae


def plain() -> Standardiser:
    return Standardiser(*(torch.full((2,), value, dtype=torch.float64) for value in (0.0, 1.0, -99.0, 99.0)))


def test_with_the_exact_posterior_bound_and_estimate_are_the_exact_likelihood() -> None:
    covariance = np.array([[2.0, 2.0], [2.0, 5.0]])
    rows = np.random.default_rng(0).multivariate_normal([0, 0], covariance, size=300)
    found = measure_likelihood(linear_vae(), plain(), rows, seed=0)
    exact = stats.multivariate_normal([0, 0], covariance).logpdf(rows)
    assert found.log_likelihood == pytest.approx(exact.mean(), abs=1e-5)
    assert found.elbo == pytest.approx(exact.mean(), abs=1e-5)
    assert found.error == pytest.approx(exact.std(ddof=1) / 300**0.5, rel=1e-4)


def test_with_a_worse_posterior_the_estimate_stands_between_bound_and_truth() -> None:
    covariance = np.array([[2.0, 2.0], [2.0, 5.0]])
    rows = np.random.default_rng(0).multivariate_normal([0, 0], covariance, size=300)
    vae = linear_vae()
    with torch.no_grad():
        vae.posterior_log_variance.bias.fill_(0.0)
    found = measure_likelihood(vae, plain(), rows, seed=0)
    exact = float(stats.multivariate_normal([0, 0], covariance).logpdf(rows).mean())
    assert found.elbo < found.log_likelihood - 0.1 < found.log_likelihood < exact


def test_many_rows_are_sampled_evenly_and_the_same_seed_gives_the_same_figures() -> None:
    rows = np.random.default_rng(0).normal(size=(5 * ROWS, 2))
    found = measure_likelihood(linear_vae(), plain(), rows, seed=3)
    assert found.rows == ROWS
    assert found == measure_likelihood(linear_vae(), plain(), rows, seed=3)
    assert found != measure_likelihood(linear_vae(), plain(), rows, seed=4)


def test_a_network_that_learned_its_rows_by_heart_is_told_from_one_that_did_not() -> None:
    rng = np.random.default_rng(0)
    train, validation, calibration = (rng.normal(size=(n, 4)) for n in (12, 200, 200))
    standardiser = fit_standardiser(train, tuple("abcd"))
    torch.manual_seed(0)
    vae = VAE(4, 3, (64,), "per_feature")
    before = measure_generalisation(vae, standardiser, train, validation, calibration, 0)
    x, optimiser = standardised(train, standardiser), new_optimiser(vae)
    for group in optimiser.param_groups:
        group["lr"] = 0.01
    for _ in range(400):
        optimiser.zero_grad()
        elbo_terms(vae, x, torch.randn(len(x), 3)).negative_elbo().mean().backward()
        optimiser.step()
    after = measure_generalisation(vae, standardiser, train, validation, calibration, 0)
    assert abs(before.train.log_likelihood - before.calibration.log_likelihood) < 1
    assert after.train.log_likelihood > after.calibration.log_likelihood + 1
