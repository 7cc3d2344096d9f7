"""The files of a bundle as they lie on disk: only plain ones, only those listed, read once and bounded."""

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from model.errors import (
    BundleDigestError,
    BundleMissingFileError,
    BundleTooLargeError,
    BundleUnlistedFileError,
    BundleUnsafePathError,
)
from model.manifest import FILE_NAME, FileEntry
from model.quoting import quoted


def check_name(name: str, place: str) -> None:
    """Refuse a listed name that is no plain path inside the bundle; no part of it may begin with a dot."""
    if not re.fullmatch(FILE_NAME, name):
        raise BundleUnsafePathError(f"{place}: lists {quoted(name)}, which is no plain path inside the bundle")


def check_listing(path: Path, listed: set[str]) -> None:
    """Refuse links, and whatever else is in directory ``path`` and not ``listed``."""
    folders = {parent.as_posix() for name in listed for parent in PurePosixPath(name).parents}
    for found in _walk(path):
        name = found.relative_to(path).as_posix()
        if found.is_symlink():
            raise BundleUnsafePathError(f"{path}: {quoted(name)} is a link; links are not allowed in a bundle")
        if name not in (folders if found.is_dir() else listed):
            raise BundleUnlistedFileError(f"{path}: {quoted(name)} is in the bundle but not listed in its manifest")


def _walk(path: Path) -> Iterator[Path]:
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        raise BundleUnsafePathError(f"{path}: cannot be listed: {error.strerror}") from error
    for found in entries:
        yield found  # the caller refuses unlisted folders, so what is walked is no deeper than what is listed
        if found.is_dir():
            yield from _walk(found)


def read_bounded(file: Path, limit: int) -> bytes:
    """Read a regular file of at most ``limit`` bytes, following no link and waiting on no pipe."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise BundleMissingFileError(f"{file}: missing from the bundle") from error
    except OSError as error:
        raise BundleUnsafePathError(f"{file}: cannot be opened as a plain file: {error.strerror}") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise BundleUnsafePathError(f"{file}: expected a regular file, found a directory, pipe, socket or device")
        if status.st_size > limit:
            raise BundleTooLargeError(f"{file}: holds {status.st_size:,} bytes, at most {limit:,} are allowed")
        with os.fdopen(descriptor, "rb", closefd=False) as opened:
            return opened.read(limit + 1)
    finally:
        os.close(descriptor)


def read_verified(file: Path, entry: FileEntry) -> bytes:
    """Read what the manifest describes by ``entry``, to the byte."""
    raw = read_bounded(file, entry.bytes)
    if len(raw) != entry.bytes:
        raise BundleDigestError(f"{file}: holds {len(raw):,} bytes, the manifest says {entry.bytes:,}")
    if hashlib.sha256(raw).hexdigest() != entry.sha256:
        raise BundleDigestError(f"{file}: is not the file its manifest describes, its SHA-256 differs")
    return raw
