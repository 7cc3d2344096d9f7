"""From what an operator names as the models to where they are kept."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from model.errors import InputError
from service.registry.directory import ModelsDirectory
from service.registry.root import ModelRoot


def is_url(models: str) -> bool:
    return "://" in models


def open_root(models: str, cache: Path | None) -> ModelRoot:
    """Open a directory, or the URL of an object store that Arrow opens, whose versions are copied to ``cache``.

    Raises:
        InputError: no such URL, or one that holds a secret.
    """
    if not is_url(models):
        return ModelsDirectory(Path(models))
    # Arrow, which takes time and memory to load: not where models lie in a directory.
    import pyarrow as pa
    from pyarrow import fs

    from service.registry.object_store import ObjectStore

    if urlsplit(models).password is not None:
        raise InputError("--models: an address holds no secrets; give them in the environment, as your store has it")
    try:
        filesystem, path = fs.FileSystem.from_uri(models)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise InputError(f"--models: {models}: cannot be opened: {error}") from error
    if isinstance(filesystem, fs.LocalFileSystem):
        return ModelsDirectory(Path(path))
    if cache is None:
        raise InputError(f"--models: {models}: expected a directory to copy versions to")
    return ObjectStore(models, filesystem, path, cache)


@contextmanager
def cache_of(models: str, cache: Path | None) -> Iterator[Path | None]:
    """Give the directory to copy versions to, where copies are made: ``cache``, or one that is gone in the end."""
    if cache is not None or not is_url(models):
        yield cache
        return
    with tempfile.TemporaryDirectory(prefix="plumbline-models-") as temporary:
        yield Path(temporary)
