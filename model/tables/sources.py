"""Which files a command was given: paths, directories, globs and object-store URLs become an ordered list of sources."""

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pyarrow as pa
from pyarrow import fs

from model.errors import InputError

EXTENSIONS = (".csv", ".parquet", ".npz", ".npy")


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


def resolve_sources(inputs: Sequence[str], extensions: tuple[str, ...] = EXTENSIONS) -> list[Source]:
    """Find the files that ``inputs`` name, in the order given and each one once, if they have one of ``extensions``.

    An input is a file, a directory (all its readable files, at any depth, sorted by path; names that begin with a dot
    are passed over), a local glob, or the URL of a file or directory in a file system that Arrow opens.

    Raises:
        InputError: an input names nothing, or something that is not read here.
    """
    found: dict[str, list[Source]] = {}
    for name in inputs:
        try:
            for source in _remote(name, extensions) if "://" in name else _local(name, extensions):
                same_path = found.setdefault(source.path, [])
                if not any(source.filesystem == other.filesystem for other in same_path):
                    same_path.append(source)
        except (OSError, ValueError, pa.ArrowException) as error:
            raise InputError(f"{name}: cannot be opened: {error}") from error
    return [source for same_path in found.values() for source in same_path]


def _local(name: str, extensions: tuple[str, ...]) -> Iterator[Source]:
    if not name:
        raise InputError("expected a file, directory, pattern or URL, found an empty name")
    matches = [name]
    if glob.has_magic(name) and not Path(name).exists():
        matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
        if not matches:
            raise InputError(f"{name}: nothing matches this pattern")
    for match in matches:
        yield from _expand(match, fs.LocalFileSystem(), str(Path(match).resolve()), extensions)


def _remote(name: str, extensions: tuple[str, ...]) -> Iterator[Source]:
    filesystem, path = fs.FileSystem.from_uri(name)
    if isinstance(filesystem, fs.LocalFileSystem):
        path = str(Path(path).resolve())
    yield from _expand(name, filesystem, path, extensions)


def _expand(name: str, filesystem: fs.FileSystem, path: str, extensions: tuple[str, ...]) -> Iterator[Source]:
    (info,) = filesystem.get_file_info([path])
    if info.type == fs.FileType.Directory:
        yield from _directory(name, filesystem, path, extensions)
        return
    source = Source(name, path, filesystem)
    _require_file(source, info)
    if source.extension not in extensions:
        raise InputError(f"{name}: expected one of {', '.join(extensions)}, found {source.extension or 'no extension'}")
    yield source


def _directory(name: str, filesystem: fs.FileSystem, path: str, extensions: tuple[str, ...]) -> Iterator[Source]:
    visible = sorted(
        file
        for file in _files_below(filesystem, path)
        if file.suffix.lower() in extensions and not any(part.startswith(".") for part in file.parts)
    )
    if not visible:
        raise InputError(f"{name}: expected a directory that holds {', '.join(extensions)} files, found none")
    paths = [str(PurePosixPath(path) / file) for file in visible]
    for file, info in zip(visible, filesystem.get_file_info(paths), strict=True):
        source = Source(f"{name.rstrip('/')}/{file}", info.path, filesystem)
        _require_file(source, info)
        yield source


def _files_below(filesystem: fs.FileSystem, path: str) -> Iterator[PurePosixPath]:
    if isinstance(filesystem, fs.LocalFileSystem):
        for folder, _, names in os.walk(path):  # Arrow's own listing would follow links round in circles
            yield from (PurePosixPath(folder, name).relative_to(path) for name in names)
    else:
        for info in filesystem.get_file_info(fs.FileSelector(path, recursive=True)):
            if info.type == fs.FileType.File:
                yield PurePosixPath(info.path).relative_to(path)


def _require_file(source: Source, info: fs.FileInfo) -> None:
    if info.type == fs.FileType.NotFound:
        raise InputError(f"{source}: no such file or directory")
    if info.type != fs.FileType.File:
        raise InputError(f"{source}: expected a regular file or a directory")
