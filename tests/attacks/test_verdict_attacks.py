"""Bundles that would judge otherwise than they were certified to. Every digest fits."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from model.bundle import read_bundle
from model.errors import BundleArrayError, BundleGoldenError
from model.scorer import ANOMALY, INVALID, NORMAL
from tests.attacks.refusal import assert_refused
from tests.attacks.sealing import forged_manifest, put_sealed

GOLDEN = "golden.npz"


def another_threshold(bundle: Path, ranks: int) -> None:
    """Move the threshold by ``ranks`` calibration scores: it stays one of them."""
    scores = read_bundle(bundle).calibration
    with forged_manifest(bundle) as manifest:
        place = int(np.searchsorted(scores, manifest["threshold"]["value"]))
        moved = max(0, min(place + ranks, len(scores) - 1))
        assert scores[moved] != scores[place]
        manifest["threshold"]["value"] = float(scores[moved])


def test_a_lowered_threshold_is_refused(bundle: Path) -> None:
    another_threshold(bundle, -3)
    assert_refused(bundle, BundleGoldenError, "verdict 'normal', got 'anomaly'")


@pytest.mark.parametrize("ranks", [-10, -1000])
def test_a_threshold_that_breaks_its_promise_on_its_own_scores_is_refused(bundle: Path, ranks: int) -> None:
    another_threshold(bundle, ranks)
    assert_refused(bundle, BundleArrayError, "calibration.npy", "lie above the threshold")


@pytest.mark.parametrize("ranks", [1, 1000])
def test_a_raised_threshold_is_refused(bundle: Path, ranks: int) -> None:
    another_threshold(bundle, ranks)
    assert_refused(bundle, BundleGoldenError, "verdict 'anomaly', got 'normal'")


@pytest.mark.parametrize("factor", [0.5, 1 - 1e-12, 1 + 1e-12, 2.0, 1e300])
def test_a_threshold_that_is_no_calibration_score_is_refused(bundle: Path, factor: float) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["threshold"]["value"] *= factor
    assert_refused(bundle, BundleArrayError, "calibration.npy", "threshold")


@pytest.mark.parametrize("value", [0.0, 1e300])
def test_an_extrapolated_threshold_is_held_by_the_golden_samples(bundle: Path, value: float) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["threshold"] |= {"value": value, "rule": "tail", "confidence": None}
    assert_refused(bundle, BundleGoldenError, "verdict")


def test_a_review_threshold_that_was_not_certified_is_refused(bundle: Path) -> None:
    scores = read_bundle(bundle).calibration
    median = float(scores[len(scores) // 2])
    with forged_manifest(bundle) as manifest:
        manifest["review_threshold"] = manifest["threshold"] | {"value": median, "target_fpr": 0.6}
    assert_refused(bundle, BundleGoldenError, "verdict 'normal', got 'review'")


def test_a_review_threshold_that_is_no_calibration_score_is_refused(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["review_threshold"] = manifest["threshold"] | {"value": 0.0, "target_fpr": 0.5}
    assert_refused(bundle, BundleArrayError, "calibration.npy", "threshold")


def test_a_range_that_calls_good_samples_impossible_is_refused(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["features"][0] |= {"low": 1e6, "high": 2e6}
    assert_refused(bundle, BundleGoldenError, "got nan")


def test_weights_of_another_training_are_refused(bundle: Path) -> None:
    model = onnx.load_model_from_string((bundle / "scorer.onnx").read_bytes())
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.ndim == 2:
            tensor.CopyFrom(numpy_helper.from_array((values * 1.01).astype(values.dtype), tensor.name))
    put_sealed(bundle, "scorer.onnx", model.SerializeToString())
    assert_refused(bundle, BundleGoldenError, "must score")


def changed_score(golden: dict[str, Any]) -> None:
    row = np.flatnonzero(golden["verdicts"] == NORMAL)[0]
    golden["scores"][row] *= 1.001


def changed_verdict(golden: dict[str, Any]) -> None:
    row = np.flatnonzero(golden["verdicts"] == NORMAL)[0]
    golden["verdicts"][row] = ANOMALY


def changed_sample(golden: dict[str, Any]) -> None:
    row = np.flatnonzero(golden["verdicts"] == NORMAL)[0]
    golden["samples"][row, 0] += 0.01


def invalid_sample_made_good(golden: dict[str, Any]) -> None:
    row = np.flatnonzero(golden["verdicts"] == INVALID)[0]
    golden["samples"][row] = golden["samples"][0]


def good_sample_made_invalid(golden: dict[str, Any]) -> None:
    row = np.flatnonzero(golden["verdicts"] == NORMAL)[0]
    golden["samples"][row, 0] = np.nan


@pytest.mark.parametrize(
    "spoil", [changed_score, changed_verdict, changed_sample, invalid_sample_made_good, good_sample_made_invalid]
)
def test_golden_samples_that_were_tampered_with_are_refused(
    bundle: Path, spoil: Callable[[dict[str, Any]], None]
) -> None:
    with np.load(bundle / GOLDEN) as arrays:
        golden = dict(arrays)
    spoil(golden)
    file = io.BytesIO()
    np.savez(file, **golden)
    put_sealed(bundle, GOLDEN, file.getvalue())
    assert_refused(bundle, BundleGoldenError, "golden sample")


def fewer_calibration_scores(manifest: dict[str, Any]) -> None:
    manifest["threshold"]["calibration_count"] -= 1
    manifest["threshold"]["effective_count"] = 1


def more_calibration_scores_than_memory(manifest: dict[str, Any]) -> None:
    manifest["threshold"]["calibration_count"] = 10**15


@pytest.mark.parametrize("change", [fewer_calibration_scores, more_calibration_scores_than_memory])
def test_a_count_that_is_not_that_of_the_scores_is_refused(
    bundle: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    with forged_manifest(bundle) as manifest:
        change(manifest)
    assert_refused(bundle, BundleArrayError, "calibration.npy")
