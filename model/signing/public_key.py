"""A public key and its id: who a signature is said to be by."""

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MAX_KEY_BYTES = 16_384


def key_id(key: Ed25519PublicKey) -> str:
    """Give the first 16 bytes, in hexadecimal digits, of the SHA-256 of the key as DER (SubjectPublicKeyInfo)."""
    encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(encoded).hexdigest()[:32]


def public_pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
