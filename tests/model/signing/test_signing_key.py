from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from model.errors import BundleSignatureError, InputError
from model.signing.public_key import public_pem
from model.signing.signature import signed_bytes
from model.signing.signing_key import SigningKey, new_signing_key, read_signing_key

MANIFEST = b'{"format_version": 1}\n'


@pytest.fixture
def key() -> SigningKey:
    return new_signing_key()


def put(file: Path, raw: bytes, mode: int = 0o600) -> Path:
    file.write_bytes(raw)
    file.chmod(mode)
    return file


def test_a_key_that_was_written_signs_as_before(key: SigningKey, tmp_path: Path) -> None:
    again = read_signing_key(put(tmp_path / "key.pem", key.to_pem(None)), None)
    assert again.sign(MANIFEST) == key.sign(MANIFEST)
    key.trusted.check(MANIFEST, again.sign(MANIFEST), "manifest.sig")


def test_an_encrypted_key_opens_with_its_password_and_no_other(key: SigningKey, tmp_path: Path) -> None:
    file = put(tmp_path / "key.pem", key.to_pem(b"correct horse"))
    assert read_signing_key(file, b"correct horse").key_id == key.key_id
    with pytest.raises(InputError, match="found another password"):
        read_signing_key(file, b"wrong horse")
    with pytest.raises(InputError, match="set PLUMBLINE_SIGNING_KEY_PASSWORD"):
        read_signing_key(file, None)


def test_a_password_that_is_not_needed_is_no_fault(key: SigningKey, tmp_path: Path) -> None:
    assert read_signing_key(put(tmp_path / "key.pem", key.to_pem(None)), b"unused").key_id == key.key_id


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o604, 0o620])
def test_a_key_that_others_may_touch_is_refused(key: SigningKey, tmp_path: Path, mode: int) -> None:
    file = put(tmp_path / "key.pem", key.to_pem(None), mode)
    with pytest.raises(InputError, match=f"open to others .mode {mode:04o}.; chmod 600"):
        read_signing_key(file, None)


def test_what_is_no_signing_key_is_refused(key: SigningKey, tmp_path: Path) -> None:
    other = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for raw, found in (
        (b"", "something else"),
        (public_pem(key.public), "something else"),
        (other, "another algorithm"),
    ):
        with pytest.raises(InputError, match=f"expected an Ed25519 private key.*{found}"):
            read_signing_key(put(tmp_path / "key.pem", raw), None)
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_signing_key(tmp_path / "nowhere.pem", None)
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_signing_key(tmp_path, None)


def test_a_key_shows_nothing_of_itself(key: SigningKey) -> None:
    assert "private" not in repr(key)


def test_the_signature_is_of_these_bytes_alone(key: SigningKey) -> None:
    signature = key.sign(MANIFEST)
    for changed in (MANIFEST[:-1], MANIFEST + b" ", signed_bytes(MANIFEST), b""):
        with pytest.raises(BundleSignatureError):
            key.trusted.check(changed, signature, "manifest.sig")
