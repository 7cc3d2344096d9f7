from pathlib import Path

import numpy as np
import pytest

from benchmarks.errors import MeasurementError
from benchmarks.purification import HEADINGS, disturb_digits, rows_for
from model.bundle import read_bundle
from model.generator import Generator
from model.scorer import Scorer
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.golden.image_bundle import GOLDEN_IMAGE_BUNDLE
from tests.samples import SCALE, clean_rows
from tests.tiles import clean_tiles


def test_a_row_holds_the_error_before_and_after_in_every_way() -> None:
    bundle, clean = read_bundle(GOLDEN_BUNDLE), clean_rows(10, seed=3)
    faulty = clean + np.array([0, 30, 0, 0])
    count, observed, *others, purified = rows_for(
        Scorer(bundle), Generator(bundle).search(), faulty, lambda found: float(np.abs((found - clean) / SCALE).mean())
    )
    assert (count, observed, len(others) + 4) == ("10", "1.250", len(HEADINGS))
    assert float(purified) < 0.2 * float(observed)


def test_without_a_latent_nothing_is_searched() -> None:
    cells = rows_for(Scorer(read_bundle(GOLDEN_BUNDLE)), None, clean_rows(2), lambda found: float(found.mean()))
    assert cells[-2] == "-"


def test_images_are_disturbed_and_purified(tmp_path: Path) -> None:
    np.savez(tmp_path / "tiles.npz", x_test=clean_tiles(2, seed=9)[..., 0])
    rows = disturb_digits(GOLDEN_IMAGE_BUNDLE, tmp_path / "tiles.npz")
    by_title = {row[0]: [float(cell) for cell in row[2:]] for row in rows}
    assert by_title["none"][0] == 0
    observed, *_, purified = by_title["Gaussian noise of 25"]
    assert purified < 0.5 * observed
    assert {"a black block, those behind it", "a white block, all pixels"} < set(by_title)


def test_images_of_another_size_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "small.npz", x_test=np.zeros((2, 8, 8), dtype=np.uint8))
    with pytest.raises(MeasurementError, match="expected digits of 24 x 32 pixels, found"):
        disturb_digits(GOLDEN_IMAGE_BUNDLE, tmp_path / "small.npz")
