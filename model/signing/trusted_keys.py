"""The public keys whose signatures are trusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from model.errors import BundleSignatureError, BundleUnknownKeyError, InputError
from model.signing.public_key import MAX_KEY_BYTES, key_id
from model.signing.signature import Signature, signed_bytes


@dataclass(frozen=True)
class TrustedKeys:
    """Keys by their ids; at least one."""

    keys: Mapping[str, Ed25519PublicKey]

    def check(self, manifest: bytes, signature: Signature, file: str) -> None:
        """Check that ``signature``, read from ``file``, is that of one of these keys over the bytes of ``manifest``.

        Raises:
            BundleUnknownKeyError: it is by a key that is not one of these.
            BundleSignatureError: it is not that key's signature of this manifest.
        """
        key = self.keys.get(signature.key_id)
        if key is None:
            raise BundleUnknownKeyError(
                f"{file}: signed by key {signature.key_id}, which is not trusted; trusted are {', '.join(self.keys)}"
            )
        try:
            key.verify(signature.value, signed_bytes(manifest))
        except InvalidSignature as error:
            raise BundleSignatureError(
                f"{file}: is not the signature of this manifest by key {signature.key_id}; one of the two was changed, "
                "or belongs to another bundle"
            ) from error


def read_trusted_keys(path: Path) -> TrustedKeys:
    """Read the Ed25519 public key in the PEM file ``path``, or those in a directory of such files.

    Names that begin with a dot are passed over. Links are followed: whoever runs a command decides what lies there.

    Raises:
        InputError: there is no key, or a file that is none.
    """
    try:
        files = sorted(file for file in path.iterdir() if file.name[0] != ".") if path.is_dir() else [path]
        found = [_read(file) for file in files]
    except OSError as error:
        raise InputError(f"{path}: trusted keys cannot be read: {error.strerror}") from error
    if not found:
        raise InputError(f"{path}: expected public keys as PEM files, found an empty directory")
    return TrustedKeys({key_id(key): key for key in found})


def _read(file: Path) -> Ed25519PublicKey:
    with file.open("rb") as opened:
        raw = opened.read(MAX_KEY_BYTES)
    if b"PRIVATE KEY-----" in raw:
        raise InputError(f"{file}: is a private key, which must not lie where bundles are read; give its public key")
    try:
        key = load_pem_public_key(raw)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputError(f"{file}: expected an Ed25519 public key as PEM, found something else") from error
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(f"{file}: expected an Ed25519 public key, found one of another algorithm")
    return key
