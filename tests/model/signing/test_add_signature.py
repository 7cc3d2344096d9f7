import shutil
import threading
from pathlib import Path

import pytest

from model.bundle import read_bundle
from model.errors import BundleDigestError, BundleGoldenError, InputError
from model.signing.add_signature import add_signature
from model.signing.signature import SIGNATURE
from model.signing.signing_key import new_signing_key
from tests.golden.bundle import GOLDEN_BUNDLE
from tests.service.bundles import fail_golden_check, put_bundle

KEY = new_signing_key()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    copy = tmp_path / "models" / "pump" / "1"
    shutil.copytree(GOLDEN_BUNDLE, copy)
    return copy


def contents(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_bundle_is_signed_and_nothing_else_of_it_changes(bundle: Path) -> None:
    before = contents(bundle.parent)
    digest = add_signature(bundle, KEY)
    after = contents(bundle.parent)
    assert after.pop("1/manifest.sig")
    assert after == before
    read = read_bundle(bundle, KEY.trusted)
    assert (read.digest, read.signed_by) == (digest, KEY.key_id)
    assert digest == read_bundle(GOLDEN_BUNDLE).digest


def test_without_trusted_keys_nobody_is_said_to_have_signed(bundle: Path) -> None:
    add_signature(bundle, KEY)
    assert read_bundle(bundle).signed_by is None


def test_a_signature_stays_unless_another_is_asked_for(bundle: Path) -> None:
    add_signature(bundle, KEY)
    other = new_signing_key()
    with pytest.raises(InputError, match=f"is signed by key {KEY.key_id} already; --replace"):
        add_signature(bundle, other)
    read_bundle(bundle, KEY.trusted)
    add_signature(bundle, other, replace=True)
    assert read_bundle(bundle, other.trusted).signed_by == other.key_id


def test_nobody_signs_what_a_reader_would_refuse(bundle: Path, tmp_path: Path) -> None:
    (bundle / "scorer.onnx").write_bytes((bundle / "scorer.onnx").read_bytes()[:-1] + b"\0")
    with pytest.raises(BundleDigestError):
        add_signature(bundle, KEY)
    assert not (bundle / SIGNATURE).exists()
    with pytest.raises(BundleGoldenError):
        add_signature(put_bundle(tmp_path / "bad", change=fail_golden_check), KEY)


def test_a_bundle_reached_through_a_link_is_signed_where_it_is(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(bundle, target_is_directory=True)
    add_signature(tmp_path / "current", KEY)
    assert (bundle / SIGNATURE).is_file()
    assert [entry.name for entry in tmp_path.iterdir() if entry.name not in ("current", "models")] == []


def test_who_reads_while_it_is_signed_finds_a_sound_bundle(bundle: Path) -> None:
    signed = threading.Event()

    def sign_again_and_again() -> None:
        for _ in range(5):
            add_signature(bundle, KEY, replace=True)
        signed.set()

    add_signature(bundle, KEY)
    signer = threading.Thread(target=sign_again_and_again)
    signer.start()
    while not signed.is_set():
        read_bundle(bundle, KEY.trusted)
    signer.join()
