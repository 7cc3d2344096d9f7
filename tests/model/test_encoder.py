from pathlib import Path

import numpy as np
import pytest

from model.bundle import read_bundle
from model.encoder import Encoder
from model.raw_scorer import CHUNK
from tests.samples import clean_rows

PUMP = Path(__file__).parents[1] / "golden" / "models" / "pump" / "1"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    graph = read_bundle(PUMP).encoder
    assert graph is not None
    return Encoder(graph)


def test_each_sample_gets_a_mean_and_a_log_variance(encoder: Encoder) -> None:
    latents = encoder.encode(clean_rows(7))
    assert latents.mean.shape == latents.log_variance.shape == (7, 2)
    assert np.isfinite(latents.mean).all()


def test_a_batch_of_several_chunks_keeps_its_order(encoder: Encoder) -> None:
    x = clean_rows(CHUNK + 3)
    latents = encoder.encode(x)
    np.testing.assert_array_equal(latents.mean[-5:], encoder.encode(x[-5:]).mean)
    np.testing.assert_array_equal(latents.log_variance[:5], encoder.encode(x[:5]).log_variance)


def test_what_no_pump_ever_measured_is_still_placed_somewhere_finite(encoder: Encoder) -> None:
    assert np.isfinite(encoder.encode(np.full((1, 4), 1e308)).mean).all()
