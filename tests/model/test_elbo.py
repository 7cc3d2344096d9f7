"""Every term of the bound against a computation that shares no code with it."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from torch import Tensor
from torch.distributions import Distribution, Independent, Normal, kl_divergence

from model.elbo import elbo_terms, gaussian_kl, gaussian_nll, importance_weighted_log_likelihood
from model.vae import VAE, Noise, Posterior

NOISES: tuple[Noise, ...] = ("fixed", "shared", "per_feature")


def small_vae(noise: Noise = "per_feature", seed: int = 0) -> VAE:
    """Three features, two latents, one hidden layer, in double precision, with a noise that is not one."""
    torch.manual_seed(seed)
    vae = VAE(3, 2, (5,), noise).double()
    with torch.no_grad():
        if noise != "fixed":
            vae.free_log_noise.copy_(torch.linspace(-1, 0.5, vae.free_log_noise.numel()))
    return vae


def drawn(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def as_normal(posterior: Posterior) -> Distribution:
    return Independent(Normal(posterior.mean, (0.5 * posterior.log_variance).exp()), 1)


@st.composite
def posteriors(draw: st.DrawFn) -> Posterior:
    batch, latent = draw(st.integers(1, 4)), draw(st.integers(1, 5))

    def values(low: float, high: float) -> Tensor:
        one = st.floats(low, high, allow_subnormal=False)
        flat = draw(st.lists(one, min_size=batch * latent, max_size=batch * latent))
        return torch.tensor(flat, dtype=torch.float64).reshape(batch, latent)

    return Posterior(values(-20, 20), values(-14, 8))


@given(posteriors())
@settings(deadline=None)
def test_the_rate_is_the_kl_divergence_that_torch_distributions_computes(posterior: Posterior) -> None:
    prior = as_normal(Posterior(torch.zeros_like(posterior.mean), torch.zeros_like(posterior.mean)))
    torch.testing.assert_close(
        gaussian_kl(posterior), kl_divergence(as_normal(posterior), prior), rtol=1e-10, atol=1e-10
    )


def test_absent_values_add_nothing_to_the_distortion() -> None:
    x, mean, log_noise = drawn(5, 4), drawn(5, 4, seed=2), drawn(4, seed=3).requires_grad_()
    mean.requires_grad_()
    hidden = x.clone()
    hidden[0, 1] = hidden[1, :] = hidden[3, 2:] = torch.nan
    found = gaussian_nll(hidden, mean, log_noise)
    deviation = np.exp(0.5 * log_noise.detach().numpy())
    each = -stats.norm.logpdf(x.numpy(), mean.detach().numpy(), deviation)
    expected = np.where(np.isnan(hidden.numpy()), 0.0, each).sum(axis=1)
    np.testing.assert_allclose(found.detach().numpy(), expected, rtol=1e-12)
    found.sum().backward()
    assert mean.grad is not None
    assert torch.equal(mean.grad == 0, hidden.isnan())


@given(posteriors())
@settings(deadline=None)
def test_the_rate_is_never_negative(posterior: Posterior) -> None:
    assert (gaussian_kl(posterior) >= -1e-12).all()


def test_the_rate_of_the_prior_itself_is_exactly_zero() -> None:
    assert gaussian_kl(Posterior(torch.zeros(2, 3), torch.zeros(2, 3))).tolist() == [0.0, 0.0]


@given(st.integers(0, 2**31), st.integers(1, 6), st.integers(1, 4))
@settings(deadline=None)
def test_the_distortion_is_the_gaussian_log_density_that_scipy_computes(seed: int, features: int, batch: int) -> None:
    rng = np.random.default_rng(seed)
    x, reconstruction = rng.normal(0, 10, (2, batch, features))
    log_noise = rng.uniform(-8, 4, features)
    expected = -stats.norm.logpdf(x, reconstruction, np.exp(0.5 * log_noise)).sum(axis=1)
    found = gaussian_nll(torch.from_numpy(x), torch.from_numpy(reconstruction), torch.from_numpy(log_noise))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-10, atol=1e-9)


@pytest.mark.parametrize("noise", NOISES)
def test_both_terms_equal_a_calculation_by_hand_from_the_same_draw(noise: Noise) -> None:
    vae, x, epsilon = small_vae(noise), drawn(4, 3), drawn(4, 2, seed=2)
    weights = {name: value.numpy() for name, value in vae.state_dict().items()}

    def linear(name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
        product: NDArray[np.float64] = values @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]
        return product

    def silu(values: NDArray[np.float64]) -> NDArray[np.float64]:
        activated: NDArray[np.float64] = values / (1 + np.exp(-values))
        return activated

    hidden = silu(linear("encoder.0", x.numpy()))
    mean, log_variance = linear("posterior_mean", hidden), linear("posterior_log_variance", hidden)
    z = mean + np.exp(log_variance / 2) * epsilon.numpy()
    reconstruction = linear("decoder.1", silu(linear("decoder.0.0", z)))
    variance = np.exp(np.broadcast_to(weights["free_log_noise"], 3))
    distortion = 0.5 * ((x.numpy() - reconstruction) ** 2 / variance + np.log(2 * np.pi * variance)).sum(axis=1)
    rate = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(axis=1)

    terms = elbo_terms(vae, x, epsilon)
    np.testing.assert_allclose(terms.distortion.detach().numpy(), distortion, rtol=1e-12)
    np.testing.assert_allclose(terms.rate.detach().numpy(), rate, rtol=1e-12)


def test_a_batch_of_two_equals_two_batches_of_one() -> None:
    vae, x, epsilon = small_vae(), drawn(2, 3), drawn(2, 2, seed=2)
    together = elbo_terms(vae, x, epsilon)
    for row in range(2):
        alone = elbo_terms(vae, x[row : row + 1], epsilon[row : row + 1])
        torch.testing.assert_close(together.distortion[row : row + 1], alone.distortion, rtol=1e-13, atol=0)
        torch.testing.assert_close(together.rate[row : row + 1], alone.rate, rtol=1e-13, atol=0)


def test_importance_weighted_likelihood_of_two_equals_two_of_one() -> None:
    vae, x, epsilon = small_vae(), drawn(2, 3), drawn(6, 2, 2, seed=2)
    together = importance_weighted_log_likelihood(vae, x, epsilon)
    alone = torch.cat(
        [importance_weighted_log_likelihood(vae, x[row : row + 1], epsilon[:, row : row + 1]) for row in range(2)]
    )
    torch.testing.assert_close(together, alone, rtol=1e-13, atol=0)


def test_importance_weighting_equals_densities_multiplied_out_with_scipy() -> None:
    vae, x, epsilon = small_vae(), drawn(3, 3), drawn(5, 3, 2, seed=2)
    with torch.no_grad():
        posterior = vae.posterior(x)
        z = posterior.draw(epsilon)
        reconstruction, noise = vae.decode(z).numpy(), (0.5 * vae.log_noise).exp().numpy()
        mean, spread = posterior.mean.numpy(), (0.5 * posterior.log_variance).exp().numpy()
        found = importance_weighted_log_likelihood(vae, x, epsilon).numpy()
    likelihood = stats.norm.pdf(x.numpy(), reconstruction, noise).prod(axis=-1)
    prior, proposal = stats.norm.pdf(z.numpy()).prod(axis=-1), stats.norm.pdf(z.numpy(), mean, spread).prod(axis=-1)
    np.testing.assert_allclose(found, np.log((likelihood * prior / proposal).mean(axis=0)), rtol=1e-10)


def test_beta_weighs_the_rate_and_nothing_else() -> None:
    terms = elbo_terms(small_vae(), drawn(4, 3), drawn(4, 2, seed=2))
    assert torch.equal(terms.negative_elbo(0.0), terms.distortion)
    assert torch.equal(terms.negative_elbo(), terms.distortion + terms.rate)
    torch.testing.assert_close(terms.negative_elbo(4.0) - terms.negative_elbo(1.0), 3 * terms.rate)


@pytest.mark.parametrize("noise", NOISES)
def test_gradients_of_the_negative_elbo_agree_with_finite_differences(noise: Noise) -> None:
    vae, x, epsilon = small_vae(noise), drawn(3, 3), drawn(3, 2, seed=2)
    names = [name for name, parameter in vae.named_parameters() if parameter.requires_grad]

    class Loss(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.vae = vae

        def forward(self) -> Tensor:
            return elbo_terms(self.vae, x, epsilon).negative_elbo(1.3)

    def loss(*values: Tensor) -> Tensor:
        replaced = {f"vae.{name}": value for name, value in zip(names, values, strict=True)}
        result: Tensor = torch.func.functional_call(Loss(), replaced, ())
        return result

    values = tuple(vae.get_parameter(name).detach().clone().requires_grad_() for name in names)
    assert torch.autograd.gradcheck(loss, values, eps=1e-6, atol=1e-6)


def test_reparameterised_draws_have_the_stated_mean_and_variance() -> None:
    posterior = Posterior(torch.tensor([[-2.0, 0.5, 30.0]]).double(), torch.tensor([[-3.0, 0.0, 2.0]]).double())
    count = 200_000
    draws = posterior.draw(drawn(count, 1, 3)).squeeze(1)
    variance = posterior.log_variance.exp().squeeze(0)
    # Five standard errors of a mean and of a variance of normal draws.
    assert ((draws.mean(dim=0) - posterior.mean.squeeze(0)).abs() < 5 * (variance / count).sqrt()).all()
    assert ((draws.var(dim=0) - variance).abs() < 5 * variance * (2 / count) ** 0.5).all()


def test_draws_pass_gradients_to_the_mean_and_the_log_variance() -> None:
    mean, log_variance = torch.tensor([[0.3]], requires_grad=True), torch.tensor([[-1.0]], requires_grad=True)
    epsilon = torch.tensor([[2.0]])
    draw = Posterior(mean, log_variance).draw(epsilon).sum()
    to_mean, to_log_variance = torch.autograd.grad(draw, (mean, log_variance))
    assert to_mean.item() == 1.0
    assert to_log_variance.item() == pytest.approx(0.5 * np.exp(-0.5) * 2.0)
