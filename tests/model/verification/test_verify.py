"""Every way in which a bundle can fail its verification, tried on a copy of the golden bundle."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from model.bundle import CALIBRATION, MANIFEST, calibration_npy, read_bundle
from model.errors import InputError
from model.signing.add_signature import add_signature
from model.signing.signing_key import new_signing_key
from model.verification.check import Check, Outcome
from model.verification.verify import ANSWERING, READING, Verification, verify_bundle
from tests.attacks.graph_surgery import SCORER, beside, constant, operate
from tests.attacks.sealing import forged_manifest, put_sealed
from tests.factories import write_small_bundle
from tests.golden.bundle import GOLDEN_BUNDLE

EVERY = (*READING, *ANSWERING, "threshold")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    copy = tmp_path / "models" / "pump" / "1"
    shutil.copytree(GOLDEN_BUNDLE, copy)
    return copy


def failed(verification: Verification) -> dict[str, str]:
    return {check.name: check.told for check in verification.checks if check.outcome == Outcome.FAILED}


def test_a_sound_bundle_passes_every_check() -> None:
    verification = verify_bundle(GOLDEN_BUNDLE)
    assert verification.passed
    asked = dict.fromkeys(EVERY, Outcome.PASSED) | {"signature": Outcome.NOT_APPLICABLE}
    assert {check.name: check.outcome for check in verification.checks} == asked
    assert verification.digest == read_bundle(GOLDEN_BUNDLE).digest


def flip_a_byte(bundle: Path) -> None:
    raw = bytearray((bundle / SCORER).read_bytes())
    raw[len(raw) // 2] ^= 1
    (bundle / SCORER).write_bytes(raw)


def lose_a_file(bundle: Path) -> None:
    (bundle / CALIBRATION).unlink()


def add_a_file(bundle: Path) -> None:
    (bundle / "notes.txt").write_text("mine")


def cut_the_manifest(bundle: Path) -> None:
    (bundle / MANIFEST).write_bytes((bundle / MANIFEST).read_bytes()[:200])


def make_the_manifest_a_link_to_nowhere(bundle: Path) -> None:
    (bundle / MANIFEST).unlink()
    (bundle / MANIFEST).symlink_to(bundle / "gone.json")


def announce_another_format(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["format_version"] = 2


def roll_dice_in_the_graph(bundle: Path) -> None:
    def attack(model: onnx.ModelProto) -> None:
        beside(model, helper.make_node("RandomNormalLike", ["honest"], ["scalar"]))

    operate(bundle, attack)


def edit_the_threshold(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["threshold"]["value"] *= 1.1


def shuffle_the_calibration_scores(bundle: Path) -> None:
    scores = read_bundle(bundle).calibration[::-1]
    put_sealed(bundle, CALIBRATION, calibration_npy(scores)[:-8] + np.float64(0).tobytes())


STOPPED_AT = {
    "manifest": (cut_the_manifest, announce_another_format, make_the_manifest_a_link_to_nowhere),
    "files": (flip_a_byte, lose_a_file, add_a_file),
    "graphs": (roll_dice_in_the_graph,),
    "arrays": (edit_the_threshold, shuffle_the_calibration_scores),
}


@pytest.mark.parametrize(
    ("name", "damage"), [(name, damage) for name, damages in STOPPED_AT.items() for damage in damages]
)
def test_what_cannot_be_trusted_fails_and_nothing_after_it_runs(
    bundle: Path, name: str, damage: Callable[[Path], None]
) -> None:
    damage(bundle)
    verification = verify_bundle(bundle)
    assert not verification.passed
    outcomes = {check.name: check.outcome for check in verification.checks}
    assert list(outcomes) == list(EVERY)
    del outcomes["signature"]  # not asked for, and before everything else
    at = [*outcomes].index(name)
    assert list(outcomes.values()) == (
        [Outcome.PASSED] * at + [Outcome.FAILED] + [Outcome.NOT_RUN] * (len(outcomes) - at - 1)
    )


def test_a_decoder_of_another_bundle_fails_parity_alone(bundle: Path, tmp_path: Path) -> None:
    other = write_small_bundle(tmp_path / "others")
    put_sealed(bundle, "decoder.onnx", (other / "decoder.onnx").read_bytes())
    found = failed(verify_bundle(bundle))
    assert list(found) == ["parity"]
    assert "decoder.onnx after encoder.onnx makes '" in found["parity"]


def test_an_encoder_of_another_bundle_fails_parity_alone(bundle: Path, tmp_path: Path) -> None:
    other = write_small_bundle(tmp_path / "others")
    put_sealed(bundle, "encoder.onnx", (other / "encoder.onnx").read_bytes())
    assert list(failed(verify_bundle(bundle))) == ["parity"]


def test_a_scorer_of_another_bundle_fails_its_golden_samples_and_parity(bundle: Path, tmp_path: Path) -> None:
    other = write_small_bundle(tmp_path / "others")
    put_sealed(bundle, SCORER, (other / SCORER).read_bytes())
    found = failed(verify_bundle(bundle))
    assert list(found) == ["golden samples", "parity"]
    assert "must score" in found["golden samples"]


def test_a_score_that_leans_on_its_batch_by_a_billionth_fails_batches_alone(bundle: Path) -> None:
    def attack(model: onnx.ModelProto) -> None:
        constant(model, "billionth", 1e-9)
        mean = helper.make_node("ReduceMean", ["honest"], ["mean"], keepdims=0)
        beside(model, mean, helper.make_node("Mul", ["mean", "billionth"], ["scalar"]))

    operate(bundle, attack)
    found = failed(verify_bundle(bundle))
    assert list(found) == ["batches"]
    assert found["batches"].startswith("in batches of 2, golden sample 0 scores ")


def test_a_graph_that_fails_with_several_samples_fails_the_checks_that_score_several(bundle: Path) -> None:
    def attack(model: onnx.ModelProto) -> None:
        constant(model, "one_row", [1], np.int64)
        beside(model, helper.make_node("Reshape", ["honest", "one_row"], ["scalar"]))

    operate(bundle, attack)
    found = failed(verify_bundle(bundle))
    assert list(found) == ["golden samples", "batches"]
    assert all("ONNX Runtime cannot run it: " in told for told in found.values())


def test_a_threshold_moved_to_a_lower_calibration_score_fails_its_promise(bundle: Path) -> None:
    scores = read_bundle(bundle).calibration
    with forged_manifest(bundle) as manifest:
        manifest["threshold"]["value"] = float(scores[-6])  # 5 of 735 lie above: less than 1 %, and not certified
    found = failed(verify_bundle(bundle))
    assert "5 of 735 calibration scores lie above" in found["threshold"]
    assert "the tolerance rule allows 2 for 1 % false alarms with 95 % confidence" in found["threshold"]


def test_a_review_threshold_is_held_to_its_own_promise(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        review = {**manifest["threshold"], "target_fpr": 0.02, "rule": "conformal", "confidence": None}
        manifest["review_threshold"] = {**review, "value": float(read_bundle(GOLDEN_BUNDLE).calibration[-14])}
    (check,) = [check for check in verify_bundle(bundle).checks if check.name == "review threshold"]
    assert check.outcome == Outcome.PASSED
    assert check.figures["above"] == check.figures["allowed"] == 13


@pytest.mark.parametrize("make", [lambda path: None, Path.touch, Path.mkdir], ids=["nothing", "a file", "a folder"])
def test_where_no_bundle_is_the_place_is_named(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "1")
    with pytest.raises(InputError, match="expected a bundle directory, models/NAME/VERSION, found"):
        verify_bundle(tmp_path / "1")


def test_a_model_in_place_of_a_version_gets_its_newest_named() -> None:
    with pytest.raises(InputError, match=r"it holds versions, name one: .*pump/1$"):
        verify_bundle(GOLDEN_BUNDLE.parent)


def test_a_signature_is_verified_where_keys_are_trusted_and_told_of_elsewhere(bundle: Path) -> None:
    key, other = new_signing_key(), new_signing_key()
    assert "there is none" in signature_check(verify_bundle(bundle)).told
    add_signature(bundle, key)
    told = signature_check(verify_bundle(bundle))
    assert (told.outcome, key.key_id in told.told) == (Outcome.NOT_APPLICABLE, True)
    assert signature_check(verify_bundle(bundle, key.trusted)).outcome == Outcome.PASSED
    assert verify_bundle(bundle, key.trusted).passed
    refused = verify_bundle(bundle, other.trusted)
    assert [*failed(refused)] == ["signature"]
    assert (refused.manifest, refused.digest) == (None, None)
    assert {check.outcome for check in refused.checks if check.name != "signature"} == {Outcome.NOT_RUN}


def signature_check(verification: Verification) -> Check:
    return next(check for check in verification.checks if check.name == "signature")
