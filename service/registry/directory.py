"""The models directory, ``NAME/VERSION/``: which versions are there, and whether they have changed."""

import os
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from model.bundle import MANIFEST
from model.errors import InputError
from model.inference import Provider
from service.registry.decisions import FILE
from service.registry.loading import Loader
from service.registry.models import Models
from service.registry.registry import Registry

if TYPE_CHECKING:  # cryptography: not where no signature is asked for
    from model.signing.trusted_keys import TrustedKeys


def load_models(
    directory: Path, provider: Provider, default_name: str | None = None, trusted: "TrustedKeys | None" = None
) -> Models:
    """Load the best version of every model in ``directory`` once, as ``Registry.open`` does."""
    return Registry(ModelsDirectory(directory), Loader(provider, trusted), default_name).open()


class ModelsDirectory:
    """Models on disk, each version read in its place."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def versions(self) -> Mapping[str, tuple[int, ...]]:
        """List every name and its versions, the highest first. What begins with a dot is passed over.

        Raises:
            InputError: there is no such directory, or it cannot be listed.
        """
        try:
            entries = sorted(self._path.iterdir())
            return {entry.name: versions_in(entry) for entry in entries if _is_name(entry)}
        except OSError as error:
            raise InputError(
                f"{error.filename}: expected a directory of models as NAME/VERSION/: {error.strerror}"
            ) from error

    @property
    def decisions(self) -> Path | None:
        """The file in which decisions are kept."""
        return self._path / FILE

    def say_empty(self) -> str:
        """Say what was expected where no version was found, and what this is instead."""
        if (self._path / MANIFEST).is_file():
            return f"{self}: this is a bundle; give the directory of models, two above, to serve it"
        if any((self._path / str(version) / MANIFEST).is_file() for version in versions_in(self._path)):
            return f"{self}: this is a model; give the directory above to serve it"
        return f"{self}: expected at least one model as NAME/VERSION/manifest.json, found none"

    def place(self, name: str, version: int) -> Path:
        """Give the directory to read a version from."""
        return self._path / name / str(version)

    def manifest_stamp(self, name: str, version: int) -> Hashable:
        """Give a value that changes when a version is replaced by another, and is cheap to come by."""
        return _stamp(str(self.place(name, version) / MANIFEST))

    def files_stamp(self, name: str, version: int) -> Hashable:
        """Give a value that changes when any file of a version does."""
        return tuple((path, _stamp(path)) for path in _below(str(self.place(name, version))))


def versions_in(entry: Path) -> tuple[int, ...]:
    """List the versions below one name, the highest first."""
    numbers = [version.name for version in entry.iterdir() if version.name.isascii() and version.name.isdecimal()]
    return tuple(sorted((int(number) for number in numbers if number == str(int(number))), reverse=True))


def _is_name(entry: Path) -> bool:
    return not entry.name.startswith(".") and entry.is_dir()


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        status = Path(path).lstat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _below(folder: str) -> Iterator[str]:
    for inside, _, files in os.walk(folder):
        yield from sorted(str(Path(inside, file)) for file in files)
