"""Whether a bundle is signed by someone who is trusted: asked before anything is read of its manifest."""

from pathlib import Path
from typing import TYPE_CHECKING

from model.bundle_files import read_bounded
from model.errors import BundleMissingFileError, BundleUnsignedError
from model.signing.signature import MAX_SIGNATURE_BYTES, SIGNATURE, Signature, parse_signature

if TYPE_CHECKING:  # cryptography: not where no signature is asked for
    from model.signing.trusted_keys import TrustedKeys


def read_signature(path: Path) -> Signature | None:
    """Read the signature of the bundle in directory ``path``, if there is one; it must be well-formed in any case.

    Raises:
        BundleError: there is something in its place, and it is no signature.
    """
    try:
        raw = read_bounded(path / SIGNATURE, MAX_SIGNATURE_BYTES)
    except BundleMissingFileError:
        return None
    return parse_signature(raw, str(path / SIGNATURE))


def check_signature(
    path: Path, manifest: bytes, signature: Signature | None, trusted: "TrustedKeys | None"
) -> str | None:
    """Check that a trusted key signed the bundle in ``path``, and give its id; without ``trusted``, nothing is asked.

    Raises:
        BundleUnsignedError: there is no signature.
        BundleUnknownKeyError: it is by another key.
        BundleSignatureError: it is not the signature of these bytes.
    """
    if trusted is None:
        return None
    if signature is None:
        raise BundleUnsignedError(f"{path}: expected {SIGNATURE}, the signature of a trusted key, found none")
    trusted.check(manifest, signature, str(path / SIGNATURE))
    return signature.key_id
