import numpy as np
import pytest
from numpy.typing import NDArray

from model.bundle import read_bundle
from model.decoder import Decoder
from model.encoder import Encoder
from model.latent_search import LatentSearch
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import SCALE, clean_rows

BUNDLE = read_bundle(GOLDEN_BUNDLE)
assert BUNDLE.encoder is not None
assert BUNDLE.decoder is not None
ENCODER, DECODER = Encoder(BUNDLE.encoder), Decoder(BUNDLE.decoder)
PRIOR, CLEAN = LatentSearch(ENCODER, DECODER, 2, None), clean_rows(30, seed=11)
KEPT = LatentSearch(ENCODER, DECODER, 2, ENCODER.encode(clean_rows(200)).mean)


def error(found: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.square((found - truth) / SCALE).mean()))


def all_found(search: LatentSearch, samples: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([search.clean(sample) for sample in samples])


@pytest.mark.parametrize("search", [PRIOR, KEPT], ids=["from the prior", "from kept posteriors"])
def test_one_reading_that_is_far_off_hardly_matters(search: LatentSearch) -> None:
    faulty = CLEAN.copy()
    faulty[:, 1] += 8 * SCALE[1]
    rebuilt = DECODER.decode(ENCODER.encode(faulty).mean)
    assert error(all_found(search, faulty), CLEAN) < 0.5 * error(rebuilt, CLEAN)


def test_a_clean_sample_is_found_nearly_as_it_is() -> None:
    assert error(all_found(PRIOR, CLEAN), CLEAN) < 0.2


def test_absent_values_do_not_count_and_are_filled_in() -> None:
    partial = CLEAN.copy()
    partial[:, 0] = np.nan
    found = all_found(PRIOR, partial)
    assert np.isfinite(found).all()
    np.testing.assert_array_less(np.abs(found - CLEAN).mean(axis=0), 2 * SCALE)


def test_the_same_sample_is_found_the_same_to_the_bit() -> None:
    again = LatentSearch(ENCODER, DECODER, 2, None)
    assert again.clean(CLEAN[0]).tobytes() == PRIOR.clean(CLEAN[0]).tobytes()


def test_a_sample_far_beyond_all_clean_ones_still_has_a_clean_one() -> None:
    assert np.abs(PRIOR.clean(CLEAN[0] + 1e6) - CLEAN.mean(axis=0)).max() < 20 * SCALE.max()
