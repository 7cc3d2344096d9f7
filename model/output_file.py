"""Writing one file: all of it or nothing, and never over another one."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from model.errors import InputError


def refuse_taken(target: Path) -> None:
    """Check, before work is done for it, that ``target`` is not there.

    Raises:
        InputError: it is.
    """
    if target.exists():
        raise InputError(f"{target}: is already there; outputs are never overwritten")


def write_whole(target: Path, raw: bytes, mode: int = 0o666) -> None:
    """Write ``raw`` to ``target``, which appears whole or not at all, with ``mode`` less what the process masks.

    Raises:
        InputError: it is already there, or cannot be written.
    """
    incoming = target.with_name(f".incoming-{secrets.token_hex(4)}-{target.name}")
    try:
        with open(incoming, "xb", opener=lambda path, flags: os.open(path, flags, mode)) as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        refuse_taken(target)
        incoming.rename(target)
    except OSError as error:
        raise InputError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):  # it is gone where it was renamed, and never was where it could not be opened
            incoming.unlink()
