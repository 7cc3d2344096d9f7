"""The scorer graph against NumPy: what a score is, what a contribution is, and what clipping leaves alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.detector import READING_WEIGHT, DecoderGraph, EncoderGraph, Metric, ScorerGraph, Standardiser
from model.neighbourhood import Neighbourhood, NeighbourhoodGraph, compressed
from model.vae import VAE

Array = NDArray[np.float64]

FEATURES, LATENT = 5, 2
LOCATION, SCALE = np.array([8.0, 120.0, -45.0, 1e6, 0.0]), np.array([0.5, 6.0, 2.0, 0.01, 1.0])
BOUND = 4.0


def standardiser() -> Standardiser:
    bounds = torch.full((FEATURES,), BOUND, dtype=torch.float64)
    return Standardiser(torch.from_numpy(LOCATION), torch.from_numpy(SCALE), -bounds, bounds)


def drawn_vae(seed: int = 0) -> VAE:
    torch.manual_seed(seed)
    return VAE(FEATURES, LATENT, (7,), "per_feature").double()


def unmoved_vae() -> VAE:
    """Expect every sample to be typical: the reconstruction is the location whatever comes in."""
    vae = drawn_vae()
    with torch.no_grad():
        for parameter in vae.decoder.parameters():
            parameter.zero_()
    return vae


def drawn_metric(size: int, seed: int = 0) -> Metric:
    rng = np.random.default_rng(seed)
    whitening = np.eye(size) + 0.3 * rng.normal(size=(size, size))
    response = np.eye(size, FEATURES) - 0.3 * rng.normal(size=(size, FEATURES))
    centre = 0.1 * rng.normal(size=size)
    return Metric(torch.from_numpy(centre), torch.from_numpy(whitening), torch.from_numpy(response))


def plain_metric(whitening: Array) -> Metric:
    """Measure from zero, for a reconstruction that stays where it is."""
    return Metric(torch.zeros(FEATURES).double(), torch.from_numpy(whitening), torch.eye(FEATURES).double())


def score(vae: VAE, metric: Metric, x: Array) -> tuple[Array, Array, Array]:
    with torch.no_grad():
        scores, reconstruction, contribution = ScorerGraph(vae, standardiser(), metric)(torch.from_numpy(x))
    return scores.numpy(), reconstruction.numpy(), contribution.numpy()


def by_hand(vae: VAE, x: Array) -> tuple[Array, Array]:
    """Return standardised residual and latent mean, from the weights alone."""
    weights = {name: value.numpy() for name, value in vae.state_dict().items()}
    standardised = (x - LOCATION) / SCALE

    def layer(name: str, values: Array) -> Array:
        return np.asarray(values @ weights[f"{name}.weight"].T + weights[f"{name}.bias"])

    def silu(values: Array) -> Array:
        return np.asarray(values / (1 + np.exp(-values)))

    latent = layer("posterior_mean", silu(layer("encoder.0", np.clip(standardised, -BOUND, BOUND))))
    return standardised - layer("decoder.1", silu(layer("decoder.0.0", latent))), latent


def rows(count: int, seed: int = 0, spread: float = 2.0) -> Array:
    return LOCATION + SCALE * spread * np.random.default_rng(seed).normal(size=(count, FEATURES))


def deviations(vae: VAE, metric: Metric, x: Array) -> tuple[Array, Array]:
    """Return what is scored, less its centre [B, V], and the covariance [V, V] it is measured by."""
    residual, latent = by_hand(vae, x)
    scored = np.hstack([residual, latent]) if metric.centre.numel() > FEATURES else residual
    whitening = metric.whitening.numpy()
    return scored - metric.centre.numpy(), np.linalg.inv(whitening @ whitening.T)


@pytest.mark.parametrize("size", [FEATURES, FEATURES + LATENT], ids=["mahalanobis", "joint"])
def test_the_score_is_the_squared_mahalanobis_distance_of_what_is_scored(size: int) -> None:
    vae, metric, x = drawn_vae(), drawn_metric(size), rows(50)
    deviation, covariance = deviations(vae, metric, x)
    expected = np.einsum("bi,bi->b", deviation, np.linalg.solve(covariance, deviation.T).T)
    np.testing.assert_allclose(score(vae, metric, x)[0], expected, rtol=1e-8)


def test_the_l2_score_is_the_plain_squared_error_of_the_reconstruction() -> None:
    identity = plain_metric(np.eye(FEATURES))
    vae, x = drawn_vae(), rows(50)
    scores, reconstruction, contribution = score(vae, identity, x)
    squared = ((x - reconstruction) / SCALE) ** 2
    np.testing.assert_allclose(scores, squared.sum(axis=1), rtol=1e-8)
    np.testing.assert_allclose(contribution, squared, rtol=1e-7, atol=1e-9)


def test_the_standardized_score_weighs_each_residual_by_its_own_spread() -> None:
    spread = np.array([0.1, 0.5, 1.0, 2.0, 3.0])
    metric = plain_metric(np.diag(1 / spread))
    vae, x = drawn_vae(), rows(50)
    weighted = (by_hand(vae, x)[0] / spread) ** 2
    scores, _, contribution = score(vae, metric, x)
    np.testing.assert_allclose(scores, weighted.sum(axis=1), rtol=1e-8)
    np.testing.assert_allclose(contribution, weighted, rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("size", [FEATURES, FEATURES + LATENT], ids=["mahalanobis", "joint"])
@pytest.mark.parametrize("spread", [0.5, 3.0, 1e3])
def test_a_contribution_is_the_fall_of_the_score_when_that_reading_alone_is_put_right(size: int, spread: float) -> None:
    vae, metric, x = drawn_vae(), drawn_metric(size, seed=3), rows(20, spread=spread)
    deviation, _ = deviations(vae, metric, x)
    contribution = score(vae, metric, x)[2]
    assert contribution.shape == (20, FEATURES)
    standardised = (x - LOCATION) / SCALE
    within = np.clip(standardised, -BOUND, BOUND) / standardised
    whitening, response = metric.whitening.numpy(), metric.response.numpy()
    for row, feature in np.ndindex(20, FEATURES):
        # Of a fault the reconstruction follows the part within bounds; how large the fault is, least squares finds.
        share = within[row, feature]
        moved = share * response[:, feature] + (1 - share) * np.eye(size)[feature]
        whitened = deviation[row] @ whitening
        left = np.linalg.lstsq((moved @ whitening)[:, None], whitened)[1]
        np.testing.assert_allclose(contribution[row, feature], whitened @ whitened - left[0], rtol=1e-6)


def test_for_residuals_that_are_followed_by_nothing_it_is_what_the_others_lead_one_to_expect() -> None:
    # With no response to account for, putting right means the conditional mean of a Gaussian given the others.
    whitening = drawn_metric(FEATURES, seed=4).whitening.numpy()
    vae, metric, x = drawn_vae(), plain_metric(whitening), rows(20)
    deviation, covariance = deviations(vae, metric, x)
    contribution = score(vae, metric, x)[2]
    for feature in range(FEATURES):
        others = np.delete(np.arange(FEATURES), feature)
        gain = covariance[feature, others] @ np.linalg.inv(covariance[np.ix_(others, others)])
        replaced = deviation.copy()
        replaced[:, feature] = deviation[:, others] @ gain
        before, after = (((d @ whitening) ** 2).sum(axis=1) for d in (deviation, replaced))
        np.testing.assert_allclose(contribution[:, feature], before - after, rtol=1e-6, atol=1e-9)


def test_a_linear_detector_names_a_single_fault_of_any_size_and_gives_it_the_whole_score() -> None:
    torch.manual_seed(0)
    vae = VAE(FEATURES, LATENT, (), "shared").double()
    readings = torch.cat([torch.zeros(1, FEATURES), torch.eye(FEATURES)]).double()
    with torch.no_grad():
        residuals = readings - vae.decode(vae.posterior(readings).mean)
    metric = Metric(residuals[0], drawn_metric(FEATURES, seed=5).whitening, (residuals[1:] - residuals[0]).T)
    for size in (0.01, 1.0, BOUND, 3 * BOUND, 1e4):
        x = LOCATION + size * np.diag(SCALE)
        scores, _, contribution = score(vae, metric, x)
        np.testing.assert_array_equal(contribution.argmax(axis=1), np.arange(FEATURES))
        np.testing.assert_allclose(np.diag(contribution), scores, rtol=1e-4)


@given(
    seed=st.integers(0, 2**31),
    feature=st.integers(0, FEATURES - 1),
    fault=st.floats(1e-3, 1e6).flatmap(lambda size: st.sampled_from([-size, size])),
)
@settings(deadline=None)
def test_where_one_deviation_alone_is_off_its_contribution_is_the_largest_and_the_whole_score(
    seed: int, feature: int, fault: float
) -> None:
    whitening = np.random.default_rng(seed).normal(size=(FEATURES, FEATURES))
    metric = plain_metric(whitening)
    x = LOCATION[None].copy()
    x[0, feature] += fault * SCALE[feature]
    scores, _, contribution = score(unmoved_vae(), metric, x)
    assert contribution[0].argmax() == feature
    assert contribution[0, feature] == pytest.approx(scores[0], rel=1e-6)


@given(seed=st.integers(0, 2**31), spread=st.floats(0, 1e12))
@settings(deadline=None)
def test_scores_and_contributions_are_never_negative_and_no_contribution_exceeds_the_score(
    seed: int, spread: float
) -> None:
    scores, _, contribution = score(drawn_vae(), drawn_metric(FEATURES, seed), rows(4, seed, spread))
    assert (scores >= 0).all()
    assert (contribution >= 0).all()
    assert (contribution <= scores[:, None] * (1 + 1e-9)).all()


@pytest.mark.parametrize("value", [1e30, -1e30, 1e100])
def test_a_value_beyond_all_reason_still_gets_a_finite_and_enormous_score(value: float) -> None:
    x = rows(FEATURES)
    x[np.arange(FEATURES), np.arange(FEATURES)] = value
    vae = drawn_vae().float()  # 1e100 is infinite in float32, where the network computes
    scores, reconstruction, contribution = score(vae, drawn_metric(FEATURES), x)
    assert np.isfinite(scores).all()
    assert (scores > 1e30).all()
    assert np.isfinite(reconstruction).all()
    assert np.isfinite(contribution).all()


def test_the_score_keeps_growing_with_a_fault_that_the_encoder_no_longer_follows() -> None:
    faults = np.array([1.0, 2.0, 5.0, 10.0, 1e3, 1e6]) * BOUND
    x = np.tile(LOCATION, (len(faults), 1))
    x[:, 1] += faults * SCALE[1]
    vae, metric = drawn_vae(), drawn_metric(FEATURES)
    scores, reconstruction, _ = score(vae, metric, x)
    assert (np.diff(scores) > 0).all()
    np.testing.assert_array_equal(reconstruction, np.tile(reconstruction[0], (len(faults), 1)))


def test_clipping_leaves_values_inside_the_bounds_untouched() -> None:
    encoder = EncoderGraph(drawn_vae(), standardiser())
    inside = torch.from_numpy(np.random.default_rng(0).uniform(-BOUND, BOUND, (100, FEATURES)))
    edge = torch.full((1, FEATURES), BOUND, dtype=torch.float64)
    for values in (inside, edge, -edge):
        assert torch.equal(encoder.network_input(values), values)
    assert torch.equal(encoder.network_input(3 * edge), edge)


def test_small_variations_on_a_large_offset_survive_the_float32_network() -> None:
    # Feature 3 is 1,000,000 with a spread of 0.01: in float32 its neighbours stand 0.06 apart.
    x = np.tile(LOCATION, (2, 1))
    x[1, 3] += 0.001
    vae = drawn_vae().float()
    with torch.no_grad():
        mean, _ = EncoderGraph(vae, standardiser())(torch.from_numpy(x))
    assert (mean[0] != mean[1]).all()
    identity = plain_metric(np.eye(FEATURES))
    scores, _, _ = score(unmoved_vae().float(), identity, x)
    assert scores[0] == 0
    assert scores[1] == pytest.approx(0.1**2, rel=1e-6)


def test_encoder_and_decoder_together_give_the_scorers_reconstruction() -> None:
    vae, x = drawn_vae(), rows(10)
    with torch.no_grad():
        mean, log_variance = EncoderGraph(vae, standardiser())(torch.from_numpy(x))
        apart = DecoderGraph(vae, standardiser())(mean)
    residual, latent = by_hand(vae, x)
    np.testing.assert_allclose(mean.numpy(), latent, rtol=1e-9)
    assert log_variance.shape == mean.shape
    np.testing.assert_allclose(apart.numpy(), x - residual * SCALE, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(apart.numpy(), score(vae, drawn_metric(FEATURES), x)[1])


def test_the_score_is_the_posterior_means_and_never_a_draw() -> None:
    vae, metric, x = drawn_vae(), drawn_metric(FEATURES), rows(10)
    first = score(vae, metric, x)[0]
    torch.manual_seed(99)
    np.testing.assert_array_equal(first, score(vae, metric, x)[0])
    with torch.no_grad():  # a draw would follow the posterior's variance; the mean does not
        vae.posterior_log_variance.bias.add_(3)
    np.testing.assert_array_equal(first, score(vae, metric, x)[0])


def neighbourhood_metric(clean: Array, vae: VAE) -> Metric:
    residuals = torch.from_numpy(by_hand(vae, clean)[0])
    readings = torch.from_numpy((clean - LOCATION) / SCALE)
    places = torch.cat([compressed(readings), residuals], dim=1)
    ones = torch.ones(len(clean)).double()
    neighbourhood = Neighbourhood(torch.ones(FEATURES).double(), torch.tensor(1.0).double(), places, ones)
    return replace(plain_metric(np.eye(FEATURES)), neighbourhood=neighbourhood)


def test_with_a_neighbourhood_clean_rows_score_less_than_rows_put_wrong() -> None:
    vae, clean = drawn_vae(), rows(200, spread=0.3)
    metric = neighbourhood_metric(clean, vae)
    wrong = clean + 6 * SCALE * np.eye(FEATURES)[np.arange(200) % FEATURES]
    assert score(vae, metric, wrong)[0].min() > score(vae, metric, clean)[0].max()


def test_with_a_neighbourhood_a_contribution_names_the_reading_that_left_it() -> None:
    vae, clean = unmoved_vae(), rows(200, spread=0.3)
    x = clean + 6 * SCALE * np.eye(FEATURES)[np.arange(200) % FEATURES]
    contribution = score(vae, neighbourhood_metric(clean, vae), x)[2]
    np.testing.assert_array_equal(contribution.argmax(axis=1), np.arange(200) % FEATURES)


def test_with_a_neighbourhood_no_contribution_exceeds_the_squared_distance_from_what_is_usual() -> None:
    vae, clean = drawn_vae(), rows(200, spread=0.3)
    metric, x = neighbourhood_metric(clean, vae), rows(100, seed=1)
    assert metric.neighbourhood is not None
    readings = compressed(torch.from_numpy((x - LOCATION) / SCALE))
    residuals = torch.from_numpy(by_hand(vae, x)[0])
    _, usual = NeighbourhoodGraph(metric.neighbourhood)(torch.cat([readings, residuals], dim=1))
    weighted = READING_WEIGHT * (readings - usual[:, :FEATURES])
    squared = torch.cat([weighted, residuals], dim=1).square().sum(dim=1, keepdim=True).numpy()
    assert (score(vae, metric, x)[2] <= squared * (1 + 1e-9)).all()
