"""Which files a command was given: paths, directories, globs and object-store URLs become an ordered list of sources."""

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pyarrow as pa
from pyarrow import fs

from model.errors import InputError

EXTENSIONS = (".csv", ".parquet", ".npz", ".npy")
_EXPECTED = ", ".join(EXTENSIONS)


@dataclass(frozen=True)
class Source:
    """One file to read. ``name`` is what messages and outputs call it; ``path`` is its place in ``filesystem``."""

    name: str
    path: str
    filesystem: fs.FileSystem

    def __str__(self) -> str:
        return self.name

    @property
    def extension(self) -> str:
        return PurePosixPath(self.path).suffix.lower()


def resolve_sources(inputs: Sequence[str]) -> list[Source]:
    """Find the files that ``inputs`` name, in the order given and each one once.

    An input is a file, a directory (all its readable files, at any depth, sorted by path; names that begin with a dot
    are passed over), a local glob, or the URL of a file or directory in a file system that Arrow opens.

    Raises:
        InputError: an input names nothing, or something that is not read here.
    """
    found = [source for name in inputs for source in (_remote(name) if "://" in name else _local(name))]
    return list({(source.filesystem.type_name, source.path): source for source in reversed(found)}.values())[::-1]


def _local(name: str) -> Iterator[Source]:
    if Path(name).exists():
        yield from _expand(name, fs.LocalFileSystem(), str(Path(name).resolve()))
        return
    if not glob.has_magic(name):
        raise InputError(f"{name}: no such file or directory")
    matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
    if not matches:
        raise InputError(f"{name}: nothing matches this pattern")
    for match in matches:
        yield from _expand(match, fs.LocalFileSystem(), str(Path(match).resolve()))


def _remote(name: str) -> Iterator[Source]:
    try:
        filesystem, path = fs.FileSystem.from_uri(name)
        yield from _expand(name, filesystem, path)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{name}: this URL cannot be opened: {error}") from error


def _expand(name: str, filesystem: fs.FileSystem, path: str) -> Iterator[Source]:
    (info,) = filesystem.get_file_info([path])
    if info.type == fs.FileType.NotFound:
        raise InputError(f"{name}: no such file or directory")
    if info.type == fs.FileType.Directory:
        yield from _directory(name, filesystem, path)
        return
    source = Source(name, path, filesystem)
    if info.type != fs.FileType.File:
        raise InputError(f"{name}: expected a regular file or a directory")
    if source.extension not in EXTENSIONS:
        raise InputError(f"{name}: expected one of {_EXPECTED}, found '{source.extension or 'no extension'}'")
    yield source


def _directory(name: str, filesystem: fs.FileSystem, path: str) -> Iterator[Source]:
    root = PurePosixPath(path)
    below = [
        PurePosixPath(info.path).relative_to(root)
        for info in filesystem.get_file_info(fs.FileSelector(path, recursive=True))
        if info.type == fs.FileType.File and info.extension.lower() in {end[1:] for end in EXTENSIONS}
    ]
    visible = sorted(file for file in below if not any(part.startswith(".") for part in file.parts))
    if not visible:
        raise InputError(f"{name}: expected a directory that holds {_EXPECTED} files, found none")
    for file in visible:
        yield Source(f"{name.rstrip('/')}/{file}", str(root / file), filesystem)
