"""Bundles that nobody who is trusted has signed as they are."""

import base64
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from model.bundle import MANIFEST
from model.errors import (
    BundleDigestError,
    BundleError,
    BundleSignatureAlgorithmError,
    BundleSignatureError,
    BundleSignatureFormatError,
    BundleTooLargeError,
    BundleUnknownKeyError,
    BundleUnlistedFileError,
    BundleUnsafePathError,
    BundleUnsignedError,
)
from model.signing.add_signature import add_signature
from model.signing.signature import MAX_SIGNATURE_BYTES, SIGNATURE, Signature
from model.signing.signing_key import new_signing_key
from tests.attacks.refusal import assert_refused, load
from tests.attacks.sealing import forged_manifest, put_sealed, replace_in_manifest
from tests.service.bundles import put_bundle

KEY, MALLORY = new_signing_key(), new_signing_key()
SCORER = "scorer.onnx"


@pytest.fixture
def signed(bundle: Path) -> Path:
    add_signature(bundle, KEY)
    return bundle


def change_fields(bundle: Path, **changes: object) -> None:
    fields: dict[str, Any] = json.loads((bundle / SIGNATURE).read_bytes())
    (bundle / SIGNATURE).write_text(json.dumps(fields | changes))


def put_signature(bundle: Path, signature: Signature) -> None:
    (bundle / SIGNATURE).write_bytes(signature.to_json())


def test_the_signed_bundle_itself_is_accepted(signed: Path) -> None:
    load(signed, KEY.trusted)
    load(signed)


def the_signature_is_gone(bundle: Path) -> None:
    (bundle / SIGNATURE).unlink()


def somebody_else_signed(bundle: Path) -> None:
    put_signature(bundle, MALLORY.sign((bundle / MANIFEST).read_bytes()))


def somebody_else_signed_in_the_trusted_keys_name(bundle: Path) -> None:
    put_signature(bundle, Signature(KEY.key_id, MALLORY.sign((bundle / MANIFEST).read_bytes()).value))


def a_bit_of_the_signature_is_turned(bundle: Path) -> None:
    value = bytearray(KEY.sign((bundle / MANIFEST).read_bytes()).value)
    value[40] ^= 1
    put_signature(bundle, Signature(KEY.key_id, bytes(value)))


def the_signature_is_all_zero(bundle: Path) -> None:
    put_signature(bundle, Signature(KEY.key_id, bytes(64)))


def the_key_signed_the_same_bytes_for_another_purpose(bundle: Path) -> None:
    put_signature(bundle, Signature(KEY.key_id, KEY.private.sign((bundle / MANIFEST).read_bytes())))


def the_signature_is_another_bundles(bundle: Path) -> None:
    other = put_bundle(bundle.parents[2] / "elsewhere", version=2)
    add_signature(other, KEY)
    shutil.copy(other / SIGNATURE, bundle / SIGNATURE)


def the_manifest_is_another_versions(bundle: Path) -> None:
    other = put_bundle(bundle.parents[2] / "elsewhere", version=2)
    shutil.copy(other / MANIFEST, bundle / MANIFEST)


def the_threshold_is_raised_after_signing(bundle: Path) -> None:
    with forged_manifest(bundle) as manifest:
        manifest["threshold"]["value"] *= 2


def a_space_is_added_to_the_manifest(bundle: Path) -> None:
    with (bundle / MANIFEST).open("ab") as file:
        file.write(b" ")


def a_graph_is_exchanged_and_the_manifest_vouches_for_it(bundle: Path) -> None:
    put_sealed(bundle, SCORER, (bundle / "encoder.onnx").read_bytes())


def the_manifest_is_no_longer_one(bundle: Path) -> None:
    replace_in_manifest(bundle, '"format_version": 1', '"format_version": 1e999')


def the_algorithm_is_none(bundle: Path) -> None:
    change_fields(bundle, algorithm="none")


def the_algorithm_is_one_with_weaker_keys(bundle: Path) -> None:
    change_fields(bundle, algorithm="hmac-sha256")


def the_signature_file_is_empty(bundle: Path) -> None:
    (bundle / SIGNATURE).write_bytes(b"")


def the_signature_file_is_cut_off(bundle: Path) -> None:
    os.truncate(bundle / SIGNATURE, 100)


def the_signature_is_cut_off(bundle: Path) -> None:
    change_fields(bundle, signature=base64.b64encode(bytes(63)).decode())


def the_key_comes_with_the_signature(bundle: Path) -> None:
    change_fields(bundle, public_key="-----BEGIN PUBLIC KEY-----")


def the_key_id_writes_on_terminals(bundle: Path) -> None:
    change_fields(bundle, key_id="\x1b[2J all is well")


def the_key_id_names_a_file(bundle: Path) -> None:
    change_fields(bundle, key_id="/etc/plumbline/keys/line.pem")


def the_signature_file_is_nested_deeply(bundle: Path) -> None:
    (bundle / SIGNATURE).write_bytes(b"[" * (MAX_SIGNATURE_BYTES // 2) + b"]" * (MAX_SIGNATURE_BYTES // 2))


def the_signature_file_is_too_large(bundle: Path) -> None:
    with (bundle / SIGNATURE).open("ab") as file:
        file.write(b" " * MAX_SIGNATURE_BYTES)


def the_signature_file_is_sparse_and_enormous(bundle: Path) -> None:
    os.truncate(bundle / SIGNATURE, 1 << 40)


def the_signature_file_is_a_link(bundle: Path) -> None:
    (bundle / SIGNATURE).rename(bundle.parents[2] / "elsewhere")
    (bundle / SIGNATURE).symlink_to(bundle.parents[2] / "elsewhere")


def the_signature_file_is_a_dangling_link(bundle: Path) -> None:
    (bundle / SIGNATURE).unlink()
    (bundle / SIGNATURE).symlink_to("nowhere")


def the_signature_file_is_a_pipe(bundle: Path) -> None:
    (bundle / SIGNATURE).unlink()
    os.mkfifo(bundle / SIGNATURE)


def the_signature_file_is_a_directory(bundle: Path) -> None:
    (bundle / SIGNATURE).unlink()
    (bundle / SIGNATURE).mkdir()


Attack = Callable[[Path], None]
FORGED: list[tuple[Attack, type[BundleError]]] = [
    (the_signature_is_gone, BundleUnsignedError),
    (somebody_else_signed, BundleUnknownKeyError),
    (somebody_else_signed_in_the_trusted_keys_name, BundleSignatureError),
    (a_bit_of_the_signature_is_turned, BundleSignatureError),
    (the_signature_is_all_zero, BundleSignatureError),
    (the_key_signed_the_same_bytes_for_another_purpose, BundleSignatureError),
    (the_signature_is_another_bundles, BundleSignatureError),
    (the_manifest_is_another_versions, BundleSignatureError),
    (the_threshold_is_raised_after_signing, BundleSignatureError),
    (a_space_is_added_to_the_manifest, BundleSignatureError),
    (a_graph_is_exchanged_and_the_manifest_vouches_for_it, BundleSignatureError),
    # The signature is looked at first: nothing is read of a manifest that nobody vouches for.
    (the_manifest_is_no_longer_one, BundleSignatureError),
]
# These are refused whether signatures are asked for or not.
MALFORMED: list[tuple[Attack, type[BundleError]]] = [
    (the_algorithm_is_none, BundleSignatureAlgorithmError),
    (the_algorithm_is_one_with_weaker_keys, BundleSignatureAlgorithmError),
    (the_signature_file_is_empty, BundleSignatureFormatError),
    (the_signature_file_is_cut_off, BundleSignatureFormatError),
    (the_signature_is_cut_off, BundleSignatureFormatError),
    (the_key_comes_with_the_signature, BundleSignatureFormatError),
    (the_key_id_writes_on_terminals, BundleSignatureFormatError),
    (the_key_id_names_a_file, BundleSignatureFormatError),
    (the_signature_file_is_nested_deeply, BundleSignatureFormatError),
    (the_signature_file_is_too_large, BundleTooLargeError),
    (the_signature_file_is_sparse_and_enormous, BundleTooLargeError),
    (the_signature_file_is_a_link, BundleUnsafePathError),
    (the_signature_file_is_a_dangling_link, BundleUnsafePathError),
    (the_signature_file_is_a_pipe, BundleUnsafePathError),
    (the_signature_file_is_a_directory, BundleUnsafePathError),
]


def name_of(value: object) -> str | None:
    return getattr(value, "__name__", None)


@pytest.mark.parametrize(("attack", "error"), [*FORGED, *MALFORMED], ids=name_of)
def test_refused_where_signatures_are_asked_for(signed: Path, attack: Attack, error: type[BundleError]) -> None:
    attack(signed)
    assert_refused(signed, error, SIGNATURE, trusted=KEY.trusted)


@pytest.mark.parametrize(("attack", "error"), MALFORMED, ids=name_of)
def test_refused_where_they_are_not(signed: Path, attack: Attack, error: type[BundleError]) -> None:
    attack(signed)
    assert_refused(signed, error, SIGNATURE)


def test_a_signature_does_not_vouch_for_files_that_the_manifest_does_not(signed: Path) -> None:
    raw = bytearray((signed / SCORER).read_bytes())
    raw[len(raw) // 2] ^= 1
    (signed / SCORER).write_bytes(raw)
    assert_refused(signed, BundleDigestError, SCORER, trusted=KEY.trusted)


def test_a_second_signature_file_is_refused(signed: Path) -> None:
    shutil.copy(signed / SIGNATURE, signed / "manifest.sig.2")
    assert_refused(signed, BundleUnlistedFileError, "manifest.sig.2", trusted=KEY.trusted)


def test_a_signature_that_the_manifest_lists_is_refused(bundle: Path) -> None:
    put_sealed(bundle, SIGNATURE, KEY.sign(b"").to_json())
    with pytest.raises(BundleError, match="lists 'manifest.sig'"):
        load(bundle)
