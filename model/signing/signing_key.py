"""The private key that signs bundles, in a file that is its owner's alone."""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from model.errors import InputError
from model.signing.public_key import MAX_KEY_BYTES, key_id
from model.signing.signature import Signature, signed_bytes
from model.signing.trusted_keys import TrustedKeys


@dataclass(frozen=True)
class SigningKey:
    """Signs the manifests of bundles."""

    private: Ed25519PrivateKey = field(repr=False)

    @property
    def public(self) -> Ed25519PublicKey:
        return self.private.public_key()

    @property
    def key_id(self) -> str:
        return key_id(self.public)

    @property
    def trusted(self) -> TrustedKeys:
        """This key as the only one that is trusted."""
        return TrustedKeys({self.key_id: self.public})

    def sign(self, manifest: bytes) -> Signature:
        return Signature(self.key_id, self.private.sign(signed_bytes(manifest)))

    def to_pem(self, password: bytes | None) -> bytes:
        encryption = BestAvailableEncryption(password) if password else NoEncryption()
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def new_signing_key() -> SigningKey:
    return SigningKey(Ed25519PrivateKey.generate())


def read_signing_key(file: Path, password: bytes | None) -> SigningKey:
    """Read an Ed25519 private key from a PEM file that others can neither read nor change.

    Raises:
        InputError: it is not there, open to others, or not such a key, or the password does not open it.
    """
    try:
        with file.open("rb") as opened:
            _refuse_open_to_others(file, os.fstat(opened.fileno()))
            raw = opened.read(MAX_KEY_BYTES)
    except OSError as error:
        raise InputError(f"{file}: the signing key cannot be read: {error.strerror}") from error
    try:
        # A password for a key that needs none is no fault: one environment may serve several keys.
        key = load_pem_private_key(raw, password if b"ENCRYPTED" in raw else None)
    except TypeError as error:
        raise InputError(f"{file}: the signing key is encrypted; set PLUMBLINE_SIGNING_KEY_PASSWORD") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        wrong = "another password" if b"ENCRYPTED" in raw and password else "something else"
        raise InputError(f"{file}: expected an Ed25519 private key as PEM, found {wrong}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{file}: expected an Ed25519 private key, found one of another algorithm")
    return SigningKey(key)


def _refuse_open_to_others(file: Path, status: os.stat_result) -> None:
    """Hold a key to 0600, or 0640 where root owns it: so mounted secrets are, readable by the group of one container."""
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{file}: expected a signing key in a regular file")
    allowed = 0o640 if status.st_uid == 0 and os.geteuid() != 0 else 0o600
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077 & ~allowed:
        raise InputError(
            f"{file}: the signing key is open to others (mode {mode:04o}); chmod 600 leaves it to its owner"
        )
