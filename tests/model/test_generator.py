from dataclasses import replace

import numpy as np
import pytest

from model.bundle import read_bundle
from model.errors import InputError
from model.features import Feature, FeatureSpec
from model.generator import Generated, Generator, outside_words
from model.raw_scorer import RawScorer
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import LOCATION, SCALE, clean_rows

BUNDLE = replace(read_bundle(GOLDEN_BUNDLE), posteriors=None)
POSTERIORS = np.hstack([np.full((4, 2), 0.2), np.full((4, 2), 1e-6)])


def test_draws_are_like_the_process_in_its_units() -> None:
    samples = Generator(BUNDLE).draw(2000, 3).samples
    assert samples.shape == (2000, 4)
    np.testing.assert_allclose(samples.mean(axis=0), LOCATION, atol=0.3 * SCALE.max())
    np.testing.assert_allclose(np.corrcoef(samples.T), np.corrcoef(clean_rows(2000).T), atol=0.15)


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert Generator(BUNDLE).draw(30, 3).samples.tobytes() == Generator(BUNDLE).draw(30, 3).samples.tobytes()


def test_draws_of_the_aggregated_posterior_lie_where_it_does() -> None:
    generated = Generator(replace(BUNDLE, posteriors=POSTERIORS)).draw(8, 0, "aggregated")
    np.testing.assert_allclose(generated.latents, 0.2, atol=1e-4)


def test_without_kept_posteriors_only_the_prior_can_be_drawn_from() -> None:
    with pytest.raises(InputError, match="bundle pump version 1 keeps no posteriors of clean samples"):
        Generator(BUNDLE).draw(1, 0, "aggregated")


def test_a_detector_without_a_latent_generates_nothing() -> None:
    with pytest.raises(InputError, match="its detector, vae, has no latent"):
        Generator(replace(BUNDLE, decoder=None))


def test_a_path_leads_from_what_one_sample_is_rebuilt_as_to_the_other() -> None:
    start, end = clean_rows(2)
    path = Generator(BUNDLE).between(start, end, 7)
    assert path.samples.shape == (7, 4)
    rebuilt = RawScorer(BUNDLE.scorer).explain(np.stack([start, end])).reconstruction
    np.testing.assert_allclose(path.samples[[0, -1]], rebuilt, atol=1e-5)


def test_values_outside_their_declared_range_are_counted_and_stay_as_they_are() -> None:
    features = (Feature(name="a", low=8), *(Feature(name=name) for name in "bcd"))
    generator = Generator(replace(BUNDLE, manifest=BUNDLE.manifest.model_copy(update={"features": features})))
    generated = generator.draw(200, 1)
    low = generated.samples[:, 0] < 8
    assert 50 < low.sum() < 150
    np.testing.assert_array_equal(generated.outside[:, 0], low)
    assert (
        outside_words(generated, generator.spec) == f"{low.sum()} of 200 outside the declared ranges ('a' {low.sum()})"
    )


def test_nothing_outside_is_said_too() -> None:
    inside = Generated(np.zeros((3, 1)), np.zeros((3, 1)), np.zeros((3, 1), dtype=np.bool_))
    assert outside_words(inside, FeatureSpec(features=(Feature(name="a"),))) == "0 of 3 outside the declared ranges"
