"""What operators decided about versions, in one small file that every worker and every restart agrees on."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from model.errors import InputError
from model.manifest import NAME
from model.quoting import quoted
from service.errors import StateUnavailableError

FILE = ".plumbline.json"
MOST_BYTES = 1 << 20
Version = Annotated[int, Field(ge=1)]


class Decision(BaseModel):
    """What was decided about one name: the version it is held at, and the one that scores beside it in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pinned: Version | None = None
    shadow: Version | None = None


class State(BaseModel):
    """All decisions, by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: Literal[1] = 1
    models: Mapping[Annotated[str, Field(pattern=NAME)], Decision] = Field(default_factory=dict)


class Decisions:
    """The decisions in the file at ``path``. Without a path nothing was decided, and nothing can be. Thread-safe."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._state = State()
        self._lock = Lock()  # a decision of now must not be followed by one read before it

    def of(self, name: str) -> Decision:
        """Give what was decided about ``name``, as last read or decided here."""
        return self._state.models.get(name, Decision())

    def read(self) -> None:
        """Read the file again; where there is none, nothing was decided.

        Raises:
            InputError: it cannot be read, or is not one of decisions. What was decided before stands.
        """
        with self._lock:
            self._state = self._from_file()

    def decide(self, name: str, **decided: int | None) -> None:
        """Change what was decided about ``name``, and write it down for everyone.

        Raises:
            StateUnavailableError: there is nowhere to write it, or what is there cannot be read.
        """
        if self._path is None:
            raise StateUnavailableError(
                "decisions about versions cannot be kept beside these models; set PLUMBLINE_STATE to a file"
            )
        try:
            with self._lock, _only_writer(self._path.parent):
                state = self._from_file()
                decision = Decision.model_validate({**state.models.get(name, Decision()).model_dump(), **decided})
                others = {other: kept for other, kept in state.models.items() if other != name}
                state = State(models=others if decision == Decision() else {**others, name: decision})
                _replace(self._path, state)
                self._state = state
        except InputError as error:
            raise StateUnavailableError(f"decisions about versions cannot be changed: {error}") from error
        except OSError as error:
            raise StateUnavailableError(
                f"decisions about versions cannot be kept: {self._path}: {error.strerror}; "
                "set PLUMBLINE_STATE to a file that can be written"
            ) from error

    def _from_file(self) -> State:
        if self._path is None:
            return State()
        try:
            with self._path.open("rb") as file:
                raw = file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return State()
        except OSError as error:
            raise InputError(f"{self._path}: cannot be read: {error.strerror}") from error
        if len(raw) > MOST_BYTES:
            raise InputError(f"{self._path}: expected at most {MOST_BYTES:,} bytes of decisions about versions")
        try:
            return State.model_validate_json(raw)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "the file"
            raise InputError(f"{self._path}: {quoted(place)}: {first['msg'].lower()}") from error


@contextmanager
def _only_writer(folder: Path) -> Iterator[None]:
    """Hold ``folder`` for one writer, so that no decision is lost to another one made at the same time."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(path: Path, state: State) -> None:
    incoming = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with incoming.open("x") as file:
            json.dump(state.model_dump(exclude_none=True), file, indent=2, sort_keys=True)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        incoming.replace(path)
    finally:
        with suppress(OSError):  # it is gone where it took the other's place
            incoming.unlink()
