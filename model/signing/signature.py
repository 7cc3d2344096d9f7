"""The signature beside a bundle's manifest: its file, and the bytes that are signed. ``docs/bundle-format.md`` is the normative text."""

import base64
import binascii
import json
import re
from dataclasses import dataclass

from model.errors import BundleSignatureAlgorithmError, BundleSignatureFormatError
from model.quoting import quoted
from model.strict_json import read_strictly

SIGNATURE = "manifest.sig"
MAX_SIGNATURE_BYTES = 4096
ALGORITHM = "ed25519"
# What a key signs for Plumbline can never be taken for anything else that it signs.
PREFIX = b"plumbline bundle manifest v1\n"
KEY_ID = re.compile("[0-9a-f]{32}")
_FIELDS = {"algorithm", "key_id", "signature"}
_LENGTH = 64


@dataclass(frozen=True)
class Signature:
    """Who signed, by the id of the key, and the 64 bytes that prove it."""

    key_id: str
    value: bytes

    def to_json(self) -> bytes:
        """Write the file ``manifest.sig`` in the one way it is written."""
        fields = {
            "algorithm": ALGORITHM,
            "key_id": self.key_id,
            "signature": base64.b64encode(self.value).decode("ascii"),
        }
        return (json.dumps(fields, indent=2) + "\n").encode("ascii")


def signed_bytes(manifest: bytes) -> bytes:
    """Give what is signed of a bundle: the exact bytes of its manifest, which vouches for every other file."""
    return PREFIX + manifest


def parse_signature(raw: bytes, file: str = SIGNATURE) -> Signature:
    """Read ``manifest.sig`` strictly; whether it is the signature of anything is not looked at.

    Raises:
        BundleSignatureFormatError: it is not JSON of the form the specification gives.
        BundleSignatureAlgorithmError: the algorithm is another than Ed25519.
    """
    try:
        fields = read_strictly(raw)
    except ValueError as error:
        raise BundleSignatureFormatError(f"{file}: not strict JSON: {error}") from error
    if not isinstance(fields, dict) or not isinstance(fields.get("algorithm"), str):
        raise BundleSignatureFormatError(f"{file}: must hold an object with a text 'algorithm', found {quoted(fields)}")
    if fields["algorithm"] != ALGORITHM:
        raise BundleSignatureAlgorithmError(
            f"{file}: signatures are made with '{ALGORITHM}', found algorithm {quoted(fields['algorithm'])}"
        )
    if set(fields) != _FIELDS:
        raise BundleSignatureFormatError(
            f"{file}: must have {', '.join(sorted(_FIELDS))} and no more, found {quoted(sorted(fields))}"
        )
    key_id, encoded = fields["key_id"], fields["signature"]
    if not isinstance(key_id, str) or not KEY_ID.fullmatch(key_id):
        raise BundleSignatureFormatError(f"{file}: key_id must be 32 hexadecimal digits, found {quoted(key_id)}")
    value = _decoded(encoded) if isinstance(encoded, str) else None
    if value is None:
        raise BundleSignatureFormatError(
            f"{file}: signature must be {_LENGTH} bytes in base64, found {quoted(encoded)}"
        )
    return Signature(key_id, value)


def _decoded(text: str) -> bytes | None:
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    # One text for each signature: base64 has several ways to write its last bits.
    return value if len(value) == _LENGTH and base64.b64encode(value).decode("ascii") == text else None
