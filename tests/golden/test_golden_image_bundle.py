"""The committed bundle of images: every release reads it and gives its samples the scores that were recorded for them."""

import numpy as np
import pytest

from model.bundle import Bundle, read_bundle
from model.manifest import parse_manifest
from model.scorer import ANOMALY, NORMAL, Scorer
from tests.golden.image_bundle import GOLDEN_IMAGE_BUNDLE
from tests.tiles import SPOT, clean_tiles, with_spot


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(GOLDEN_IMAGE_BUNDLE)


@pytest.fixture(scope="module")
def scorer(bundle: Bundle) -> Scorer:
    return Scorer(bundle)


def test_its_samples_get_their_scores_on_this_machine(scorer: Scorer) -> None:
    scorer.check_golden()


def test_its_manifest_is_written_as_the_writer_writes() -> None:
    raw = (GOLDEN_IMAGE_BUNDLE / "manifest.json").read_bytes()
    assert parse_manifest(raw).to_json() == raw


def test_it_tells_clean_tiles_from_spotted_ones_and_where_the_spot_is(scorer: Scorer) -> None:
    clean = clean_tiles(200, seed=3)
    assert (scorer.score(clean).verdict == NORMAL).mean() > 0.97
    assert (scorer.score(with_spot(clean)).verdict == ANOMALY).all()
    heat = scorer.contributions(with_spot(clean[:5]))
    assert (heat[:, *SPOT].mean(axis=(1, 2)) > 100 * np.median(heat, axis=(1, 2))).all()


@pytest.mark.parametrize("batch", [1, 2, 7, 64, 341, 342])
def test_its_scores_are_the_same_to_the_bit_in_batches_of(batch: int, scorer: Scorer) -> None:
    tiles = with_spot(clean_tiles(400, seed=4), 3)
    together = np.concatenate([scorer.score(tiles[start : start + batch]).score for start in range(0, 400, batch)])
    alone = np.concatenate([scorer.score(tiles[row : row + 1]).score for row in range(400)])
    np.testing.assert_array_equal(together, alone)
