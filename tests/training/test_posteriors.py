import logging

import numpy as np
import pytest

from model.bundle import read_bundle
from model.encoder import Encoder
from model.latent_draws import MAX_POSTERIORS
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import clean_rows
from training.posteriors import study_posteriors, tell_posterior

ENCODER = read_bundle(GOLDEN_BUNDLE).encoder


def test_figures_are_of_unseen_samples_and_those_learned_from_are_kept() -> None:
    assert ENCODER is not None
    learned, unseen = clean_rows(40, seed=1), clean_rows(70, seed=2)
    found = study_posteriors(ENCODER, learned, unseen, 1000)
    assert found is not None
    assert found.kept is not None
    expected = Encoder(ENCODER).encode(learned)
    np.testing.assert_allclose(found.kept, np.hstack([expected.mean, np.exp(expected.log_variance / 2)]))
    assert found.figures.samples == 70


def test_no_more_are_kept_than_a_bundle_holds_and_they_are_spread_over_all() -> None:
    assert ENCODER is not None
    learned = clean_rows(2500)
    found = study_posteriors(ENCODER, learned, learned[:50], 5000)
    assert found is not None
    assert found.kept is not None
    assert len(found.kept) == MAX_POSTERIORS
    np.testing.assert_allclose(found.kept[-1, :2], Encoder(ENCODER).encode(learned[-1:]).mean[0])


def test_where_no_clean_data_is_to_be_kept_none_is() -> None:
    found = study_posteriors(ENCODER, clean_rows(50), clean_rows(50), 0)
    assert found is not None
    assert found.kept is None


def test_a_detector_without_a_latent_has_none() -> None:
    assert study_posteriors(None, clean_rows(5), clean_rows(5), 10) is None


def test_the_log_says_how_much_of_the_latent_is_used(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "plumbline.training"):
        tell_posterior(study_posteriors(ENCODER, clean_rows(50), clean_rows(500), 10))
        tell_posterior(None)
    (record,) = caplog.records
    assert record.message.startswith("The posterior has not collapsed: 2 of 2 latents in use.")
    assert "nats from the prior" in record.message
