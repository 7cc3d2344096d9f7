"""Writing a bundle: all of it or nothing, and never over another one."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from model.bundle import MANIFEST, read_bundle
from model.errors import BundleExistsError
from model.manifest import FileEntry, Manifest

INCOMING = ".incoming-"  # readers and version listings pass over names that begin with a dot


def next_version(model: Path) -> int:
    """Give the version number after the highest in ``models/NAME``."""
    taken = [int(entry.name) for entry in model.iterdir() if entry.name.isdecimal()] if model.is_dir() else []
    return max(taken, default=0) + 1


def write_bundle(
    model: Path, make_manifest: Callable[[dict[str, FileEntry]], Manifest], files: Mapping[str, bytes]
) -> Path:
    """Write a bundle below ``models/NAME`` and return its directory.

    ``files`` maps paths inside the bundle to their bytes; ``make_manifest`` is handed their digests. The bundle is
    written beside its final place, synced, read back through every check a reader makes, and renamed. Whatever fails,
    nothing is left behind.

    Raises:
        BundleExistsError: this version is already there.
        OSError: the disk is full or the place cannot be written.
    """
    manifest = make_manifest(
        {name: FileEntry(sha256=hashlib.sha256(raw).hexdigest(), bytes=len(raw)) for name, raw in files.items()}
    )
    target = model / str(manifest.version)
    model.mkdir(parents=True, exist_ok=True)
    incoming = Path(tempfile.mkdtemp(prefix=INCOMING, dir=model))
    try:
        incoming.chmod(0o755)
        for name, raw in {**files, MANIFEST: manifest.to_json()}.items():
            _write_synced(incoming / name, raw)
        read_bundle(incoming)
        _sync_folder(incoming)
        _move(incoming, target)
    except BaseException:
        shutil.rmtree(incoming, ignore_errors=True)
        raise
    _sync_folder(model)
    return target


def _move(incoming: Path, target: Path) -> None:
    if target.exists():
        raise BundleExistsError(f"{target} is already there; bundles are never overwritten")
    incoming.rename(target)  # fails where another writer was faster: a non-empty directory is never replaced


def _write_synced(path: Path, raw: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
