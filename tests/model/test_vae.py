import pytest
import torch

from model.vae import LOG_VARIANCE_BOUNDS, VAE, Noise


@pytest.mark.parametrize("hidden", [(), (7,), (16, 8)])
def test_shapes_follow_features_and_latent_size(hidden: tuple[int, ...]) -> None:
    vae = VAE(5, 3, hidden, "per_feature")
    posterior = vae.posterior(torch.zeros(4, 5))
    assert posterior.mean.shape == posterior.log_variance.shape == (4, 3)
    assert vae.decode(posterior.mean).shape == (4, 5)
    assert vae.log_noise.shape == (5,)


def test_the_decoder_mirrors_the_encoder() -> None:
    vae = VAE(5, 3, (16, 8), "fixed")
    widths = [tuple(module.weight.shape) for module in vae.decoder.modules() if isinstance(module, torch.nn.Linear)]
    assert widths == [(8, 3), (16, 8), (5, 16)]


def test_without_hidden_layers_encoder_and_decoder_are_affine() -> None:
    torch.manual_seed(0)
    vae = VAE(4, 2, (), "shared").double()
    a, b = torch.randn(2, 1, 4).double()
    middle = vae.posterior((a + b) / 2).mean
    torch.testing.assert_close(middle, (vae.posterior(a).mean + vae.posterior(b).mean) / 2)
    y, z = torch.randn(2, 1, 2).double()
    torch.testing.assert_close(vae.decode((y + z) / 2), (vae.decode(y) + vae.decode(z)) / 2)


@pytest.mark.parametrize(("noise", "free"), [("fixed", 0), ("shared", 1), ("per_feature", 4)])
def test_the_kind_of_noise_decides_how_many_variances_are_learned(noise: Noise, free: int) -> None:
    vae = VAE(4, 2, (8,), noise)
    learned = vae.free_log_noise.numel() if vae.free_log_noise.requires_grad else 0
    assert learned == free
    assert torch.equal(vae.log_noise, torch.zeros(4))


@pytest.mark.parametrize("noise", ["shared", "per_feature"])
def test_noise_never_falls_below_its_floor(noise: Noise) -> None:
    vae = VAE(4, 2, (8,), noise, noise_floor=0.1)
    with torch.no_grad():
        vae.free_log_noise.fill_(-50)
    torch.testing.assert_close(vae.log_noise.exp().sqrt(), torch.full((4,), 0.1))


def test_no_input_drives_the_posterior_variance_out_of_its_bounds() -> None:
    torch.manual_seed(0)
    vae = VAE(4, 2, (8,), "fixed")
    log_variance = vae.posterior(torch.randn(100, 4) * 1e6).log_variance
    assert log_variance.min() >= LOG_VARIANCE_BOUNDS[0]
    assert log_variance.max() <= LOG_VARIANCE_BOUNDS[1]


def test_weights_follow_the_seed() -> None:
    def weights(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return torch.cat([parameter.flatten() for parameter in VAE(4, 2, (8,), "shared").parameters()])

    assert torch.equal(weights(3), weights(3))
    assert not torch.equal(weights(3), weights(4))
