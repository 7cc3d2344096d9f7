"""Signing a bundle that is there: the one thing that may come to it after it was published."""

import tempfile
from pathlib import Path

from model.bundle import digest_of, read_bundle, read_raw_manifest
from model.bundle_writer import INCOMING, only_writer, sync_folder, write_synced
from model.errors import InputError
from model.scorer import Scorer
from model.signing.check import read_signature
from model.signing.signature import SIGNATURE
from model.signing.signing_key import SigningKey


def add_signature(path: Path, key: SigningKey, *, replace: bool = False) -> str:
    """Sign the bundle in directory ``path`` after every check that a reader makes, and return its digest.

    The signature appears whole or not at all; with ``replace`` it takes the place of another one. The digest stays.

    Raises:
        InputError: it is signed, and ``replace`` was not asked for.
        BundleError: no reader would accept the bundle.
        OSError: the bundle cannot be written to.
    """
    path = path.resolve()
    bundle = read_bundle(path)
    Scorer(bundle).check_golden()
    with only_writer(path.parent):
        manifest, signature = read_raw_manifest(path), read_signature(path)
        if signature is not None and not replace:
            raise InputError(
                f"{path}: is signed by key {signature.key_id} already; --replace puts another signature in its place"
            )
        if digest_of(manifest) != bundle.digest:
            raise InputError(f"{path}: was changed while it was being signed")
        with tempfile.TemporaryDirectory(prefix=INCOMING, dir=path.parent) as incoming:
            file = Path(incoming, SIGNATURE)
            write_synced(file, key.sign(manifest).to_json())
            file.rename(path / SIGNATURE)
        sync_folder(path)
    return bundle.digest
