"""The window VAE: any length goes in and comes out, interpolation is linear, the bound sums over steps and channels."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from model.elbo import elbo_terms
from model.window_vae import WindowVAE, _Lengthen


@pytest.mark.parametrize("steps", [1, 2, 5, 16, 31, 64])
def test_windows_of_any_length_keep_their_shape(steps: int) -> None:
    vae = WindowVAE(steps, channels=3, latent_size=2)
    posterior = vae.posterior(torch.zeros(7, steps, 3))
    assert posterior.mean.shape == posterior.log_variance.shape == (7, 2)
    assert vae.decode(posterior.mean).shape == (7, steps, 3)


def test_lengthening_is_linear_interpolation_between_the_ends() -> None:
    few = np.array([1.0, 5.0, 2.0])
    expected = np.interp(np.linspace(0, 2, 6), np.arange(3), few)
    lengthened = _Lengthen(3, 6)(torch.tensor(few, dtype=torch.float32)[None, None])
    np.testing.assert_allclose(lengthened[0, 0].numpy(), expected, rtol=1e-6)


def test_the_distortion_sums_over_steps_and_channels_with_each_channel_s_noise() -> None:
    torch.manual_seed(0)
    vae = WindowVAE(8, channels=2, latent_size=3).double()
    with torch.no_grad():
        vae.free_log_noise.copy_(torch.tensor([-1.0, 0.5]))
    x, epsilon = torch.randn(4, 8, 2).double(), torch.randn(4, 3).double()
    with torch.no_grad():
        posterior = vae.posterior(x)
        rebuilt = vae.decode(posterior.draw(epsilon))
        terms = elbo_terms(vae, x, epsilon)
    noise = np.exp(0.5 * np.array([-1.0, 0.5]))
    expected = -stats.norm.logpdf(x.numpy(), rebuilt.numpy(), noise).sum(axis=(1, 2))
    np.testing.assert_allclose(terms.distortion.numpy(), expected, rtol=1e-12)


def test_the_noise_never_falls_below_its_floor() -> None:
    vae = WindowVAE(8, channels=2, latent_size=3, noise_floor=0.3)
    with torch.no_grad():
        vae.free_log_noise.fill_(-50.0)
    assert vae.log_noise.tolist() == pytest.approx([2 * math.log(0.3)] * 2)
