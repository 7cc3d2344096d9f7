"""Where a bundle goes: known to be good before hours are spent on what goes there."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from model.bundle import MANIFEST
from model.errors import InputError

MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@contextmanager
def model_folder(out: Path) -> Iterator[None]:
    """Make sure that ``out`` (``models/NAME``) can be written; folders that are made and stay empty go again.

    Raises:
        InputError: the last part cannot be a model's name in URLs and on disk, or nothing can be written there.
    """
    if not MODEL_NAME.fullmatch(out.name):
        raise InputError(
            f"--out must end in the model's name, letters, digits, dots, dashes and underscores, found {out.name!r}"
        )
    parts = [out, *out.parents]
    if (out / MANIFEST).exists():
        raise InputError(
            f"--out {out}: is a bundle; expected a model, whose versions are the bundles in it: {out.parent}"
        )
    missing = parts[: next(index for index, part in enumerate(parts) if os.path.lexists(part))]
    nearest = parts[len(missing)]
    if not nearest.is_dir():
        raise InputError(f"--out {out}: expected a directory, or a place where one can be made; {nearest} is neither")
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise InputError(f"--out {out}: cannot be written: {error.strerror}") from error
    finally:
        _remove_empty(missing)
    try:
        yield
    finally:
        _remove_empty(missing)


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:  # not there, or something is in it
            return
