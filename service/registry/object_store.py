"""Models in an object store: listed as keys, and copied to a local directory before anything is read of them."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pyarrow as pa
from pyarrow import fs

from model.bundle import MANIFEST, MAX_BYTES, MAX_REPORT_BYTES, MAX_TOTAL_BYTES
from model.bundle_files import check_name
from model.errors import BundleTooLargeError, InputError
from model.manifest import MAX_FILES, NAME

VERSION = re.compile("[1-9][0-9]{0,8}")
INCOMING = ".incoming-"
Key = tuple[str, int]  # name and version


@dataclass(frozen=True)
class StoredFile:
    """One object of a version, ``name`` being its path inside the bundle."""

    name: str
    path: str
    size: int
    mtime_ns: int


class ObjectStore:
    """The models below ``path`` of ``filesystem``; ``url`` is what messages call it, ``cache`` where copies go.

    A store has no renaming, so a version is taken for complete once its manifest is there and nothing of it has changed from
    one look to the next.
    """

    def __init__(self, url: str, filesystem: fs.FileSystem, path: str, cache: Path) -> None:
        self._url, self._filesystem, self._path = url, filesystem, path.rstrip("/")
        self._cache = cache / _digest(url)  # what else is in the cache is none of ours
        self._files: Mapping[Key, tuple[StoredFile, ...]] | None = None

    def __str__(self) -> str:
        return self._url

    def versions(self) -> Mapping[str, tuple[int, ...]]:
        """List every name and its versions, the highest first.

        Raises:
            InputError: the store cannot be reached, or has nothing there.
        """
        before, self._files = self._files, self._listed()
        found: dict[str, list[int]] = {}
        for (name, version), files in sorted(self._files.items()):
            versions = found.setdefault(name, [])
            if before is None or before.get((name, version)) == files:
                versions.append(version)
        self._forget_gone()
        return {name: tuple(sorted(versions, reverse=True)) for name, versions in found.items()}

    @property
    def decisions(self) -> None:
        """Decisions are kept nowhere in a store."""
        return

    def say_empty(self) -> str:
        """Say what was expected where no version was found."""
        return f"{self}: expected at least one model as NAME/VERSION/manifest.json, found none"

    def manifest_stamp(self, name: str, version: int) -> Hashable:
        """Give a value that changes when a version is replaced by another; None where it is not there."""
        return next((file for file in self._of(name, version) if file.name == MANIFEST), None)

    def files_stamp(self, name: str, version: int) -> Hashable:
        """Give a value that changes when any file of a version does."""
        return self._of(name, version)

    def place(self, name: str, version: int) -> Path:
        """Copy a version here, unless it is, and give its directory.

        Raises:
            BundleError: it is larger than a bundle may be, or holds a name that none may hold.
            OSError: it cannot be read, or changes while it is.
        """
        files = self._of(name, version)
        copy = self._cache / _digest(repr(files)) / name / str(version)
        if not copy.is_dir():
            _check_size(files, f"{self}/{name}/{version}")
            copy.parent.mkdir(parents=True, exist_ok=True)
            incoming = Path(tempfile.mkdtemp(prefix=INCOMING, dir=copy.parent))
            try:
                for file in files:
                    self._copy(file, incoming / file.name)
                if not copy.is_dir():  # another worker may have been faster
                    incoming.rename(copy)
            finally:
                shutil.rmtree(incoming, ignore_errors=True)
        return copy

    def _of(self, name: str, version: int) -> tuple[StoredFile, ...]:
        return (self._files or {}).get((name, version), ())

    def _listed(self) -> Mapping[Key, tuple[StoredFile, ...]]:
        try:
            with _arrow_errors():
                infos = self._filesystem.get_file_info(fs.FileSelector(self._path, recursive=True))
        except OSError as error:
            raise InputError(f"{self}: cannot be listed: {error}") from error
        found: dict[Key, list[StoredFile]] = {}
        for info in infos:
            parts = PurePosixPath(info.path).relative_to(self._path).parts
            if info.type == fs.FileType.File and len(parts) > 2 and _is_version(*parts[:2]):
                file = StoredFile("/".join(parts[2:]), info.path, info.size, info.mtime_ns)
                found.setdefault((parts[0], int(parts[1])), []).append(file)
        return {
            key: tuple(sorted(files, key=lambda file: file.name))
            for key, files in found.items()
            if any(file.name == MANIFEST for file in files)
        }

    def _copy(self, file: StoredFile, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _arrow_errors(), self._filesystem.open_input_stream(file.path) as stream:
            raw = stream.read(file.size + 1)
        if len(raw) != file.size:
            raise OSError(f"{self}: {file.path} changes while it is read")
        target.write_bytes(raw)

    def _forget_gone(self) -> None:
        """Delete copies of what the store has no more, or has changed."""
        kept = {_digest(repr(files)) for files in (self._files or {}).values()}
        if self._cache.is_dir():
            for copy in self._cache.iterdir():
                if copy.name not in kept:
                    shutil.rmtree(copy, ignore_errors=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _is_version(name: str, version: str) -> bool:
    return re.fullmatch(NAME, name) is not None and VERSION.fullmatch(version) is not None


def _check_size(files: tuple[StoredFile, ...], place: str) -> None:
    if len(files) > MAX_FILES:
        raise BundleTooLargeError(f"{place}: holds {len(files):,} files, at most {MAX_FILES:,} are allowed")
    for file in files:
        check_name(file.name, place)
        limit = MAX_BYTES.get(file.name, MAX_REPORT_BYTES)
        if file.size > limit:
            raise BundleTooLargeError(f"{place}/{file.name}: holds {file.size:,} bytes, at most {limit:,} are allowed")
    total = sum(file.size for file in files)
    if total > MAX_TOTAL_BYTES:
        raise BundleTooLargeError(f"{place}: holds {total:,} bytes, at most {MAX_TOTAL_BYTES:,} are allowed")


@contextmanager
def _arrow_errors() -> Iterator[None]:
    """Let what Arrow raises besides ``OSError`` be one."""
    try:
        yield
    except pa.ArrowException as error:
        raise OSError(str(error)) from error
