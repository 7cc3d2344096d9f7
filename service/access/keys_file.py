"""The file of keys: who may do what, until when and how often; of the keys themselves, digests."""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from model.errors import InputError
from service.access.scope import Scope

MOST_BYTES = 1 << 20
MOST_KEYS = 1_000
OWN_MODE = 0o600
# Writing is for the owner alone, reading for its group too; nothing is for everybody.
FORBIDDEN_MODE = stat.S_IRWXO | stat.S_IWGRP

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
PerSecond = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_STRICT = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class RateLimit(BaseModel):
    """How often a key may be used."""

    model_config = _STRICT

    requests_per_second: PerSecond | None = None
    burst: Annotated[int, Field(ge=1)] | None = None
    samples_per_second: PerSecond | None = None


class KeyEntry(BaseModel):
    """What is kept of one key."""

    model_config = _STRICT

    name: Name
    sha256: Digest
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=len(Scope))]
    created_at: AwareDatetime
    not_after: AwareDatetime | None = None
    rate_limit: RateLimit | None = None


class KeysFile(BaseModel):
    """Every key. With none, nobody is let in."""

    model_config = _STRICT

    format_version: Literal[1] = 1
    keys: Annotated[tuple[KeyEntry, ...], Field(max_length=MOST_KEYS)]

    @model_validator(mode="after")
    def _are_distinct(self) -> Self:
        if len({entry.name for entry in self.keys}) < len(self.keys):
            raise ValueError("two keys have the same name")
        if len({entry.sha256 for entry in self.keys}) < len(self.keys):
            raise ValueError("one key is there under two names")
        return self


def read_keys(path: Path) -> KeysFile:
    """Read a file of keys.

    Raises:
        InputError: it cannot be read, others could read or write it, or it is no file of keys. Nothing of it is quoted.
    """
    try:
        # Without waiting, should somebody have put a pipe there.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123 - flags
            _check(path, os.fstat(file.fileno()))
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: keys cannot be read: {error.strerror}") from error
    if len(raw) > MOST_BYTES:
        raise InputError(f"{path}: expected a file of keys of at most {MOST_BYTES:,} bytes, found a larger one")
    try:
        return KeysFile.model_validate_json(raw)
    except ValidationError as error:
        raise InputError(f"{path}: is no file of keys: {fault_in(error)}") from None


def fault_in(error: ValidationError) -> str:
    """Say what is wrong first, and quote nothing: it could be a key."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    said = first["msg"][:1].lower() + first["msg"][1:]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {said}" if place else said


def _check(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"{path}: expected a file of keys, found something that is no regular file")
    mode = stat.S_IMODE(found.st_mode)
    if mode & FORBIDDEN_MODE:
        raise InputError(
            f"{path}: expected a file that only its owner may write and only its owner and group may read, "
            f"found mode {mode:04o}; chmod 600 it, or 640"
        )


def write_keys(path: Path, keys: Sequence[KeyEntry]) -> None:
    """Replace the file at once and whole; its owner alone may read it, or whoever may read the one that is there.

    Raises:
        InputError: it cannot be written.
    """
    incoming = path.with_name(f".incoming-{secrets.token_hex(4)}-{path.name}")
    raw = KeysFile(keys=tuple(keys)).model_dump_json(indent=2, exclude_none=True) + "\n"
    try:
        with open(os.open(incoming, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWN_MODE), "w") as file:  # noqa: PTH123 - a mode
            file.write(raw)
            file.flush()
            with suppress(FileNotFoundError):
                before = path.stat()
                os.fchown(file.fileno(), before.st_uid, before.st_gid)
                os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode) & ~FORBIDDEN_MODE)
            os.fsync(file.fileno())
        incoming.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            incoming.unlink()


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep others who would change the file waiting: what is read is what will be replaced."""
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise InputError(f"{path.parent}: {error.strerror}") from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
