"""Writing a bundle: all of it or nothing, and never over another one."""

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from model.bundle import MANIFEST, check_files, read_bundle
from model.errors import BundleExistsError, BundleManifestError
from model.manifest import FileEntry, Manifest
from model.scorer import Scorer
from model.signing.signature import SIGNATURE

if TYPE_CHECKING:  # cryptography: not where nothing is signed
    from model.signing.signing_key import SigningKey

INCOMING = ".incoming-"  # readers and version listings pass over names that begin with a dot
VERSION = re.compile("[1-9][0-9]{0,8}")


def next_version(model: Path) -> int:
    """Give the version number after the highest in ``models/NAME``, which need not exist."""
    names = [entry.name for entry in model.iterdir()] if model.is_dir() else []
    return max((int(name) for name in names if VERSION.fullmatch(name)), default=0) + 1


def publish_next(model: Path, publish: Callable[[int], Path]) -> Path:
    """Have ``publish`` write the next version; where another writer was faster, the one after it."""
    while True:
        try:
            return publish(next_version(model))
        except BundleExistsError:
            continue


def write_bundle(
    model: Path,
    make_manifest: Callable[[dict[str, FileEntry]], Manifest],
    files: Mapping[str, bytes],
    signing_key: "SigningKey | None" = None,
) -> Path:
    """Write a bundle below ``models/NAME`` and return its directory.

    ``files`` maps paths inside the bundle to their bytes; ``make_manifest`` is handed their digests; ``signing_key``, where
    there is one, signs the manifest. The bundle is written beside its final place, synced, read back through every check
    a reader makes, its golden samples included, and renamed. Whatever fails, no file is left behind; what a killed writer
    left is removed by the next one. Writers of one model wait for each other.

    Raises:
        BundleExistsError: this version is already there.
        BundleError: no reader would accept it.
        OSError: the disk is full or the place cannot be written.
    """
    manifest = make_manifest(
        {name: FileEntry(sha256=hashlib.sha256(raw).hexdigest(), bytes=len(raw)) for name, raw in files.items()}
    )
    target = model / str(manifest.version)
    check_files(manifest, str(target / MANIFEST))
    if manifest.name != model.name:
        raise BundleManifestError(f"{target}: the directory of a bundle named '{manifest.name}' must have that name")
    model.mkdir(parents=True, exist_ok=True)
    with only_writer(model):
        if os.path.lexists(target):
            raise BundleExistsError(f"{target}: is already there; bundles are never overwritten")
        written = {**files, MANIFEST: manifest.to_json()}
        if signing_key is not None:
            written[SIGNATURE] = signing_key.sign(written[MANIFEST]).to_json()
        incoming = Path(tempfile.mkdtemp(prefix=INCOMING, dir=model))
        try:
            incoming.chmod(0o755)
            try:
                for name, raw in written.items():
                    write_synced(incoming / name, raw)
            except OSError as error:
                raise OSError(
                    f"{target}: cannot be written: {error.strerror}; make room there and try again"
                ) from error
            trusted = None if signing_key is None else signing_key.trusted
            Scorer(read_bundle(incoming, trusted)).check_golden()
            for folder, _, _ in os.walk(incoming):
                sync_folder(Path(folder))
            incoming.rename(target)  # never replaces a directory that holds anything
        except BaseException:
            shutil.rmtree(incoming, ignore_errors=True)
            raise
        sync_folder(model)
    return target


@contextmanager
def only_writer(model: Path) -> Iterator[None]:
    """Hold the model's directory for one writer, so that whatever is still incoming was left by one that is gone."""
    descriptor = os.open(model, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # the kernel lets go of it when the writer dies, however it dies
        for abandoned in model.glob(f"{INCOMING}*"):
            # Renamed first: a writer on another host, where the lock may not reach, then fails and publishes no half.
            shutil.rmtree(abandoned.rename(f"{abandoned}-abandoned"), ignore_errors=True)
        yield
    finally:
        os.close(descriptor)


def write_synced(path: Path, raw: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
