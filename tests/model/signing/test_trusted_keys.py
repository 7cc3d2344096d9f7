from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from model.errors import BundleUnknownKeyError, InputError
from model.signing.public_key import public_pem
from model.signing.signing_key import SigningKey, new_signing_key
from model.signing.trusted_keys import read_trusted_keys


def put(file: Path, key: SigningKey) -> Path:
    file.write_bytes(public_pem(key.public))
    return file


def test_a_file_holds_one_key(tmp_path: Path) -> None:
    key = new_signing_key()
    assert [*read_trusted_keys(put(tmp_path / "line.pub.pem", key)).keys] == [key.key_id]


def test_a_directory_holds_several_and_each_is_trusted(tmp_path: Path) -> None:
    old, new = new_signing_key(), new_signing_key()
    put(tmp_path / "2025.pem", old)
    put(tmp_path / "2026.pem", new)
    trusted = read_trusted_keys(tmp_path)
    for key in (old, new):
        trusted.check(b"{}", key.sign(b"{}"), "manifest.sig")
    with pytest.raises(BundleUnknownKeyError, match=f"not trusted; trusted are {old.key_id}, {new.key_id}"):
        trusted.check(b"{}", new_signing_key().sign(b"{}"), "manifest.sig")


def test_mounted_secrets_are_links_beside_hidden_directories(tmp_path: Path) -> None:
    (tmp_path / "..2026_01_01").mkdir()
    key = new_signing_key()
    put(tmp_path / "..2026_01_01" / "line.pem", key)
    (tmp_path / "line.pem").symlink_to(Path("..2026_01_01") / "line.pem")
    assert [*read_trusted_keys(tmp_path).keys] == [key.key_id]


def test_a_private_key_is_refused_and_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "line.pem").write_bytes(new_signing_key().to_pem(None))
    with pytest.raises(InputError, match=r"line.pem: is a private key, which must not lie where bundles are read"):
        read_trusted_keys(tmp_path)


def test_one_file_that_is_no_key_spoils_the_directory(tmp_path: Path) -> None:
    put(tmp_path / "a.pem", new_signing_key())
    (tmp_path / "b.pem").write_text("ssh-ed25519 AAAA somebody")
    with pytest.raises(InputError, match=r"b.pem: expected an Ed25519 public key as PEM, found something else"):
        read_trusted_keys(tmp_path)


def test_what_holds_no_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found an empty directory"):
        read_trusted_keys(tmp_path)
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_trusted_keys(tmp_path / "nowhere")
    (tmp_path / "below").mkdir()
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_trusted_keys(tmp_path)


def test_a_key_of_another_algorithm_is_refused(tmp_path: Path) -> None:
    other = generate_private_key(SECP256R1()).public_key()
    (tmp_path / "ec.pem").write_bytes(other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(InputError, match="found one of another algorithm"):
        read_trusted_keys(tmp_path / "ec.pem")
