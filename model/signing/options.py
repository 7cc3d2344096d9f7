"""The options that commands share: which key signs, and whose signatures are trusted."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # cryptography: not where no signature is asked for
    from model.signing.signing_key import SigningKey
    from model.signing.trusted_keys import TrustedKeys

PASSWORD = "PLUMBLINE_SIGNING_KEY_PASSWORD"  # noqa: S105  its name

TrustedKeysPath = Annotated[
    Path | None,
    typer.Option(
        "--trusted-keys",
        metavar="PATH",
        envvar="PLUMBLINE_TRUSTED_KEYS",
        help="Refuse a bundle that none of these public keys has signed: a PEM file, or a directory of them.",
    ),
]
SigningKeyFile = Annotated[
    Path | None,
    typer.Option(
        "--signing-key",
        metavar="FILE",
        envvar="PLUMBLINE_SIGNING_KEY",
        help=f"Private key that signs the bundle: a PEM file; its password, if any, in {PASSWORD}.",
    ),
]


def trusted_keys(path: Path | None) -> "TrustedKeys | None":
    """Read the keys that are trusted, where signatures are asked for.

    Raises:
        InputError: there is no key, or a file that is none.
    """
    if path is None:
        return None
    from model.signing.trusted_keys import read_trusted_keys

    return read_trusted_keys(path)


def signing_key(file: Path | None) -> "SigningKey | None":
    """Read the key that signs, if there is one.

    Raises:
        InputError: it is not there, open to others, or no such key, or the password does not open it.
    """
    if file is None:
        return None
    from model.signing.signing_key import read_signing_key

    return read_signing_key(file, key_password())


def key_password() -> bytes | None:
    return os.environ.get(PASSWORD, "").encode() or None
