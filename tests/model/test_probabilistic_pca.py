"""A linear VAE against probabilistic PCA, the one case whose maximum likelihood has a closed form.

Tipping and Bishop, Probabilistic Principal Component Analysis, 1999; Lucas, Tucker, Grosse and Norouzi, Don't Blame the
ELBO!, 2019. N: samples, F: features, Z: latent size.
"""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import linalg, stats
from torch import Tensor

from model.elbo import elbo_terms, importance_weighted_log_likelihood
from model.vae import VAE
from training.config import FitConfig
from training.fit import fit

Array = NDArray[np.float64]

FEATURES, LATENT = 8, 3


@dataclass(frozen=True)
class ProbabilisticPca:
    """The maximum-likelihood solution: x = axes z + centre + noise, with noise variance ``variance``."""

    centre: Array
    axes: Array
    variance: float

    def log_likelihood(self, x: Array) -> Array:
        covariance = self.axes @ self.axes.T + self.variance * np.eye(self.centre.size)
        return np.asarray(stats.multivariate_normal(self.centre, covariance).logpdf(x))


def samples(count: int, seed: int) -> Array:
    """Draw from three hidden causes of different strength, eight readings off centre, noise of variance 0.25."""
    mixing = np.random.default_rng(7).normal(size=(LATENT, FEATURES)) * np.array([[1.4], [1.0], [0.7]])
    rng = np.random.default_rng(seed)
    x: Array = 1.0 + rng.normal(size=(count, LATENT)) @ mixing + 0.5 * rng.normal(size=(count, FEATURES))
    return x


def closed_form(x: Array) -> ProbabilisticPca:
    """Fit by eigenvalues: W = U (Lambda - sigma^2 I)^(1/2), sigma^2 the mean of the discarded ones."""
    values, vectors = np.linalg.eigh(np.cov(x, rowvar=False, bias=True))
    values, vectors = values[::-1], vectors[:, ::-1]
    variance = values[LATENT:].mean()
    return ProbabilisticPca(x.mean(axis=0), vectors[:, :LATENT] * np.sqrt(values[:LATENT] - variance), variance)


def as_vae(pca: ProbabilisticPca) -> VAE:
    """Set a linear VAE to the closed-form solution, with its exact posterior N(M^-1 W'(x - b), sigma^2 M^-1)."""
    vae = VAE(FEATURES, LATENT, (), "shared").double()
    moment = pca.axes.T @ pca.axes + pca.variance * np.eye(LATENT)  # diagonal: the axes are orthogonal
    encoder = np.linalg.solve(moment, pca.axes.T)
    values = {
        "posterior_mean.weight": encoder,
        "posterior_mean.bias": -encoder @ pca.centre,
        "posterior_log_variance.weight": np.zeros((LATENT, FEATURES)),
        "posterior_log_variance.bias": np.log(pca.variance / np.diag(moment)),
        "decoder.1.weight": pca.axes,
        "decoder.1.bias": pca.centre,
        "free_log_noise": np.log([pca.variance]),
    }
    vae.load_state_dict({name: torch.from_numpy(value) for name, value in values.items()})
    return vae


def as_pca(vae: VAE) -> ProbabilisticPca:
    """Read a linear VAE's decoder as the Gaussian it is: its marginal is N(b, W W' + sigma^2 I), exactly."""
    weights = {name: value.double().numpy() for name, value in vae.state_dict().items()}
    variance = vae.log_noise.detach().exp()[0].item()
    return ProbabilisticPca(weights["decoder.1.bias"], weights["decoder.1.weight"], variance)


def noise(*shape: int, seed: int = 5) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def x() -> Array:
    return samples(1000, seed=0)


@pytest.fixture(scope="module")
def trained(x: Array) -> VAE:
    torch.manual_seed(0)
    vae = VAE(FEATURES, LATENT, (), "shared")
    rows = torch.from_numpy(x).float()
    config = FitConfig(steps=4000, batch_size=len(x), learning_rate=1e-2, patience=1000)
    fit(vae, rows, rows, config, seed=0)
    return vae.double()


def test_the_closed_form_is_what_no_neighbour_improves_on(x: Array) -> None:
    best = closed_form(x)
    rng = np.random.default_rng(0)
    top = best.log_likelihood(x).mean()
    for _ in range(50):
        near = ProbabilisticPca(
            best.centre + 0.05 * rng.normal(size=FEATURES),
            best.axes + 0.05 * rng.normal(size=best.axes.shape),
            best.variance * np.exp(0.1 * rng.normal()),
        )
        assert near.log_likelihood(x).mean() < top


def test_at_the_closed_form_one_draw_gives_the_exact_likelihood_of_every_sample(x: Array) -> None:
    # Where q is the true posterior, p(x, z) / q(z|x) is p(x) whatever z is.
    best = closed_form(x)
    with torch.no_grad():
        found = importance_weighted_log_likelihood(as_vae(best), torch.from_numpy(x), noise(1, len(x), LATENT))
    np.testing.assert_allclose(found.numpy(), best.log_likelihood(x), rtol=1e-9)


def test_at_the_closed_form_the_negative_elbo_is_stationary(x: Array) -> None:
    # Epsilon in pairs +e, -e with unit second moments makes the sampled expectation exact for a linear decoder.
    vae = as_vae(closed_form(x))
    signs = torch.cat([torch.eye(LATENT), -torch.eye(LATENT)]).double() * LATENT**0.5
    rows = torch.from_numpy(x)
    loss = torch.stack([elbo_terms(vae, rows, e.expand(len(x), -1)).negative_elbo().mean() for e in signs]).mean()
    assert loss.item() == pytest.approx(-closed_form(x).log_likelihood(x).mean(), rel=1e-10)
    for gradient in torch.autograd.grad(loss, [p for p in vae.parameters() if p.requires_grad]):
        assert gradient.abs().max() < 1e-9


def test_a_trained_linear_vae_reaches_the_closed_form_likelihood_within_one_percent(trained: VAE, x: Array) -> None:
    best = closed_form(x)
    optimum, reached = best.log_likelihood(x).mean(), as_pca(trained).log_likelihood(x).mean()
    assert reached <= optimum + 1e-9
    assert optimum - reached < 0.01 * abs(optimum)
    # The likelihood's zero depends on units; what the latents gain over a Gaussian without them does not.
    without = ProbabilisticPca(best.centre, np.zeros((FEATURES, 1)), float(x.var(axis=0).mean()))
    assert optimum - reached < 0.01 * (optimum - without.log_likelihood(x).mean())


def test_its_elbo_reaches_the_closed_form_likelihood_within_one_percent_too(trained: VAE, x: Array) -> None:
    optimum = closed_form(x).log_likelihood(x).mean()
    draws = noise(64, len(x), LATENT)
    with torch.no_grad():
        elbo = -np.mean([float(elbo_terms(trained, torch.from_numpy(x), e).negative_elbo().mean()) for e in draws])
    exact = as_pca(trained).log_likelihood(x).mean()
    assert elbo < exact
    assert exact - elbo < 0.01 * abs(optimum)
    assert optimum - elbo < 0.01 * abs(optimum)


def test_it_spans_the_principal_subspace_and_learns_the_noise(trained: VAE, x: Array) -> None:
    best, found = closed_form(x), as_pca(trained)
    angles = np.rad2deg(linalg.subspace_angles(found.axes, best.axes))
    assert angles.max() < 2.0
    assert found.variance == pytest.approx(best.variance, rel=0.05)
    np.testing.assert_allclose(found.centre, best.centre, atol=0.05)


def test_importance_weighting_converges_to_the_exact_held_out_likelihood_from_below() -> None:
    best = closed_form(samples(1000, seed=0))
    vae, held_out = as_vae(best), samples(400, seed=1)
    with torch.no_grad():  # an encoder that is off in mean and spread, so that the bound is not tight from the start
        vae.posterior_mean.weight.mul_(0.9)
        vae.posterior_log_variance.bias.add_(0.7)
    exact = best.log_likelihood(held_out)
    gaps, errors = [], []
    for draws in (1, 10, 100, 1000):
        with torch.no_grad():
            found = importance_weighted_log_likelihood(
                vae, torch.from_numpy(held_out), noise(draws, len(held_out), LATENT, seed=draws)
            )
        gap = found.numpy() - exact
        gaps.append(gap.mean())
        errors.append(gap.std() / len(held_out) ** 0.5)
    assert (np.array(gaps) < 3 * np.array(errors)).all()
    assert (np.diff(gaps) > -3 * np.hypot(errors[:-1], errors[1:])).all()
    assert gaps[0] < -0.3
    assert abs(gaps[-1]) < 0.001 * abs(exact.mean())


def test_importance_weighting_is_tight_for_the_trained_model(trained: VAE) -> None:
    held_out = samples(400, seed=1)
    exact = as_pca(trained).log_likelihood(held_out)
    with torch.no_grad():
        found = importance_weighted_log_likelihood(trained, torch.from_numpy(held_out), noise(1000, 400, LATENT))
    np.testing.assert_allclose(found.numpy(), exact, atol=0.05)
    assert abs(found.numpy().mean() - exact.mean()) < 0.002
