import json

import pytest

from model.errors import BundleSignatureAlgorithmError, BundleSignatureFormatError
from model.signing.signature import Signature, parse_signature, signed_bytes

SIGNATURE = Signature("0123456789abcdef" * 2, bytes(range(64)))
FIELDS = json.loads(SIGNATURE.to_json())


def test_what_is_written_is_what_is_read() -> None:
    assert parse_signature(SIGNATURE.to_json()) == SIGNATURE


def test_what_is_signed_can_be_no_manifest() -> None:
    assert signed_bytes(b"{}") == b"plumbline bundle manifest v1\n{}"


WRONG = {
    "nothing": b"",
    "no JSON": b"-----BEGIN SIGNATURE-----",
    "no UTF-8": b'{"algorithm": "\xff"}',
    "a list": b"[]",
    "nested deeply": b"[" * 2000 + b"]" * 2000,
    "a repeated key": SIGNATURE.to_json().replace(b"{", b'{"algorithm": "ed25519",'),
    "no algorithm": json.dumps({**FIELDS, "algorithm": None}).encode(),
    "a missing field": json.dumps({name: FIELDS[name] for name in ("algorithm", "key_id")}).encode(),
    "another field": json.dumps({**FIELDS, "comment": "trust me"}).encode(),
    "a key id that is a path": json.dumps({**FIELDS, "key_id": "../../" + "0" * 26}).encode(),
    "a key id in capitals": json.dumps({**FIELDS, "key_id": "A" * 32}).encode(),
    "a key id with a line after it": json.dumps({**FIELDS, "key_id": FIELDS["key_id"] + "\n"}).encode(),
    "a number for a signature": json.dumps({**FIELDS, "signature": 1}).encode(),
    "a short signature": json.dumps({**FIELDS, "signature": "AAAA"}).encode(),
    "no base64": json.dumps({**FIELDS, "signature": FIELDS["signature"].replace("A", "!")}).encode(),
    "letters beyond ASCII": json.dumps({**FIELDS, "signature": "é" * 88}).encode(),
    "a second way to write it": json.dumps({**FIELDS, "signature": FIELDS["signature"][:-3] + "x=="}).encode(),
    "lines in it": json.dumps({**FIELDS, "signature": "\n".join(FIELDS["signature"])}).encode(),
}


@pytest.mark.parametrize("raw", WRONG.values(), ids=WRONG.keys())
def test_what_is_no_signature_file_is_refused(raw: bytes) -> None:
    with pytest.raises(BundleSignatureFormatError, match="manifest.sig") as refused:
        parse_signature(raw)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("algorithm", ["none", "ED25519", "rsa", "ed25519ph", ""])
def test_another_algorithm_is_refused_whatever_else_is_there(algorithm: str) -> None:
    with pytest.raises(BundleSignatureAlgorithmError, match="'ed25519'"):
        parse_signature(json.dumps({"algorithm": algorithm, "anything": []}).encode())
