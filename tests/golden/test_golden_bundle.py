"""The committed bundle: every release reads it and gives its samples the scores that were recorded for them."""

from pathlib import Path

import numpy as np
import pytest

from model.bundle import Bundle, read_bundle
from model.manifest import parse_manifest
from model.scorer import ANOMALY, INVALID, NORMAL, Scorer
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.samples import FEATURES

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(GOLDEN_BUNDLE)


@pytest.fixture(scope="module")
def scorer(bundle: Bundle) -> Scorer:
    return Scorer(bundle)


def test_its_samples_get_their_scores_on_this_machine(scorer: Scorer) -> None:
    scorer.check_golden()


def test_it_lies_where_its_manifest_says(bundle: Bundle) -> None:
    assert (bundle.manifest.name, str(bundle.manifest.version)) == (GOLDEN_BUNDLE.parent.name, GOLDEN_BUNDLE.name)


def test_it_has_the_features_that_the_tests_draw(bundle: Bundle) -> None:
    assert bundle.manifest.features == FEATURES


def test_its_manifest_is_written_as_the_writer_writes() -> None:
    raw = (GOLDEN_BUNDLE / "manifest.json").read_bytes()
    assert parse_manifest(raw).to_json() == raw


def test_the_specification_names_it() -> None:
    page = (ROOT / "docs" / "bundle-format.md").read_text("utf-8")
    assert f"`{GOLDEN_BUNDLE.relative_to(ROOT).as_posix()}`" in page


@pytest.mark.parametrize("batch", [1, 2, 3, 7, 16, 64, 4095, 4096, 4097, 9000])
def test_its_scores_are_the_same_to_the_bit_in_batches_of(batch: int, bundle: Bundle, scorer: Scorer) -> None:
    samples = bundle.golden.samples
    alone = np.concatenate([scorer.score(samples[row : row + 1]).score for row in range(len(samples))])
    rows = np.random.default_rng(batch).integers(len(samples), size=max(batch, len(samples)))
    together = [scorer.score(samples[rows[start : start + batch]]).score for start in range(0, len(rows), batch)]
    np.testing.assert_array_equal(np.concatenate(together), alone[rows])


def test_its_samples_hold_every_verdict_it_can_give(bundle: Bundle) -> None:
    assert bundle.manifest.review_threshold is None
    assert set(bundle.golden.verdicts.tolist()) == {NORMAL, ANOMALY, INVALID}


def test_its_samples_hold_the_threshold_from_both_sides(bundle: Bundle) -> None:
    """Between the nearest golden scores below and above lie few calibration scores: so little can it be moved."""
    threshold, scores = bundle.manifest.threshold.value, bundle.golden.scores
    below, above = scores[scores < threshold].max(), scores[scores > threshold].min()
    assert ((bundle.calibration > below) & (bundle.calibration < above)).sum() <= 2


def test_its_threshold_keeps_its_promise_on_the_scores_it_was_set_on(bundle: Bundle) -> None:
    threshold = bundle.manifest.threshold
    assert (bundle.calibration > threshold.value).mean() <= threshold.target_fpr


def test_it_is_small_and_tells_nothing_of_the_machine_that_made_it() -> None:
    files = [file for file in GOLDEN_BUNDLE.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 1 << 20
    traces = (str(ROOT).encode(), b"/home/", b"/root/", b"/tmp/", b"site-packages", b"\\Users\\")
    for file in files:
        found = [trace for trace in traces if trace in file.read_bytes()]
        assert not found, file
