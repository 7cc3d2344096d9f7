"""Writing a file that grows: all of it or nothing, and never over another one."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from model.errors import InputError

INCOMING = ".incoming-"  # directory listings pass over names that begin with a dot


@contextmanager
def whole_file(target: Path) -> Iterator[IO[bytes]]:
    """Open ``target`` for writing; it appears when the block is left, and whatever fails, nothing of it is left behind.

    Raises:
        InputError: ``target`` is already there.
        OSError: the disk is full or the place cannot be written; names ``target``.
    """
    incoming = target.with_name(f"{INCOMING}{secrets.token_hex(4)}-{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with incoming.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            raise InputError(f"{target}: is already there; outputs are never overwritten")
        incoming.rename(target)
    except OSError as error:
        raise OSError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):  # it is gone where it was renamed, and never was where it could not be opened
            incoming.unlink()
