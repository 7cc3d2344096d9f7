import numpy as np
import pytest

from model.latent_draws import aggregated_draws, path_between, prior_draws

FAR = np.hstack([np.array([[-50.0, 0.0], [50.0, 0.0]]), np.full((2, 2), 0.1)])


def test_the_same_seed_gives_the_same_draws_and_another_seed_others() -> None:
    assert prior_draws(5, 3, 7).tobytes() == prior_draws(5, 3, 7).tobytes()
    assert not np.array_equal(prior_draws(5, 3, 7), prior_draws(5, 3, 8))
    assert aggregated_draws(5, FAR, 7).tobytes() == aggregated_draws(5, FAR, 7).tobytes()
    assert not np.array_equal(aggregated_draws(5, FAR, 7), aggregated_draws(5, FAR, 8))


def test_fewer_draws_are_the_first_of_more() -> None:
    np.testing.assert_array_equal(prior_draws(5, 3, 7), prior_draws(50, 3, 7)[:5])
    np.testing.assert_array_equal(aggregated_draws(5, FAR, 7), aggregated_draws(50, FAR, 7)[:5])


def test_the_draws_of_a_seed_are_those_recorded_here() -> None:
    np.testing.assert_allclose(
        prior_draws(1, 3, 7)[0], [0.0012301533574825742, 0.2987455375084699, -0.2741378553622176], rtol=1e-12
    )


def test_the_prior_is_a_standard_normal() -> None:
    drawn = prior_draws(20_000, 2, 0)
    np.testing.assert_allclose(drawn.mean(axis=0), 0, atol=0.03)
    np.testing.assert_allclose(np.cov(drawn.T), np.eye(2), atol=0.03)


def test_the_aggregated_posterior_is_the_mixture_of_those_kept() -> None:
    drawn = aggregated_draws(20_000, FAR, 0)
    left = drawn[:, 0] < 0
    assert left.mean() == pytest.approx(0.5, abs=0.02)
    np.testing.assert_allclose(drawn[left].mean(axis=0), FAR[0, :2], atol=0.01)
    np.testing.assert_allclose(drawn[left].std(axis=0), 0.1, atol=0.01)


def test_a_path_is_straight_and_has_its_ends_to_the_bit() -> None:
    start, end = prior_draws(2, 4, 1)
    path = path_between(start, end, 5)
    np.testing.assert_array_equal(path[[0, -1]], [start, end])
    np.testing.assert_allclose(np.diff(path, axis=0), np.tile((end - start) / 4, (4, 1)))
