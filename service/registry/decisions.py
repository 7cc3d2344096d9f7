"""What operators decided about versions, and which served, in one small file that every worker and every restart agrees on."""

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
MOST_SERVED = 32  # versions of a name that are remembered; nobody goes back further
Version = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(pattern=NAME)]


class Decision(BaseModel):
    """What was decided about one name: the version it is held at, and the one that scores beside it in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pinned: Version | None = None
    shadow: Version | None = None


class State(BaseModel):
    """All decisions, and the versions that served, each higher than the one before, by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: Literal[1] = 1
    models: Mapping[Name, Decision] = Field(default_factory=dict)
    served: Mapping[Name, tuple[Version, ...]] = Field(default_factory=dict)


class Decisions:
    """The decisions in the file at ``path``. Without a path nothing was decided, and nothing can be. Thread-safe."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._state = State()
        self._served_here: dict[str, tuple[int, ...]] = {}  # by name, what is not written down
        self._lock = Lock()  # a decision of now must not be followed by one read before it

    def of(self, name: str) -> Decision:
        """Give what was decided about ``name``, as last read or decided here."""
        return self._state.models.get(name, Decision())

    def served(self, name: str) -> tuple[int, ...]:
        """List the versions of ``name`` that served, up to the one that does; each is higher than the one before.

        Where there is no place to write them down, those that this process has seen.
        """
        return self._state.served.get(name) or self._served_here.get(name, ())

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
                models = others if decision == Decision() else {**others, name: decision}
                self._write(self._path, State(models=models, served=state.served))
        except InputError as error:
            raise StateUnavailableError(f"decisions about versions cannot be changed: {error}") from error
        except OSError as error:
            raise StateUnavailableError(
                f"decisions about versions cannot be kept: {self._path}: {error.strerror}; "
                "set PLUMBLINE_STATE to a file that can be written"
            ) from error

    def note_served(self, name: str, version: int) -> None:
        """Remember that ``version`` serves from now on, in place of every higher one."""
        with self._lock:
            before = self.served(name)
            history = _up_to(before, version)
            if history == before:
                return
            self._served_here[name] = history
            if self._path is None or (len(history) == 1 and name not in self._state.served):  # nothing to go back to
                return
            with suppress(OSError, InputError), _only_writer(self._path.parent):  # it serves, noted or not
                state = self._from_file()
                served = {**state.served, name: _up_to(state.served.get(name, history), version)}
                self._write(self._path, State(models=state.models, served=served))

    def _write(self, path: Path, state: State) -> None:
        _replace(path, state)
        self._state = state

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


def _up_to(served: tuple[int, ...], version: int) -> tuple[int, ...]:
    return (*(before for before in served if before < version), version)[-MOST_SERVED:]


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
            json.dump(
                state.model_dump(exclude_none=True, exclude=None if state.served else {"served"}),
                file,
                indent=2,
                sort_keys=True,
            )
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        incoming.replace(path)
    finally:
        with suppress(OSError):  # it is gone where it took the other's place
            incoming.unlink()
