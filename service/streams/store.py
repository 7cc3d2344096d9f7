"""The streams at hand, in an SQLite database: in memory, or in a file that workers share and a restart leaves as it is."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar

from model.alarm.state import AlarmState
from service.errors import StreamsUnavailableError, UnknownStreamError
from service.streams.counts import Dropped, StreamCounts
from service.streams.database import open_database
from service.streams.stream import Stream

Result = TypeVar("Result")

SHELVED: Final = AlarmState.SHELVED
# A revision is drawn anew with each change, so that none comes back with a stream that was deleted and began again.
INSERT: Final = "INSERT INTO streams VALUES (?, ?, random(), ?, ?, ?, ?, ?, ?, ?)"
FIND: Final = (
    "SELECT stream, revision, touched, told, rows FROM streams WHERE model = ? AND stream = ? AND touched >= ?"
)
UPDATE: Final = (
    "UPDATE streams SET revision = random(), touched = ?, is_active = ?, state = ?, shelved_until = ?, "
    "invalid_rows = ?, told = ?, rows = ? WHERE model = ? AND stream = ? AND revision = ?"
)
DELETE: Final = "DELETE FROM streams WHERE model = ? AND stream = ? AND touched >= ?"


@dataclass(frozen=True)
class StreamKey:
    """A stream's name is its own within its model."""

    model: str
    stream: str


@dataclass(frozen=True)
class Kept:
    """A stream with its name, the mark of its last change, and when it was last used."""

    name: str
    stream: Stream
    revision: int
    touched: float


class StreamStore:
    """Streams by key, at most ``most`` of them, each forgotten ``seconds`` after its last use. Thread-safe.

    Times are seconds of one clock, handed in. ``path`` None keeps streams in memory. A killed process leaves the file
    whole, with what its last answered request left.
    """

    def __init__(self, path: Path | None = None, most: int = 1_000, seconds: float = 604_800.0) -> None:
        """Open or begin the file.

        Raises:
            InputError: it cannot be opened, or holds something else.
        """
        self.most, self.seconds = most, seconds
        self._lock = Lock()
        self._database = open_database(path)

    def close(self) -> None:
        self._database.close()

    def find(self, key: StreamKey, now: float) -> Kept:
        """Give a stream.

        Raises:
            UnknownStreamError: there is none of this name, or none any more.
        """
        with self._transaction() as database:
            found = self._read(database, key, now)
        if found is None:
            raise _unknown(key)
        return found

    def change(
        self, key: StreamKey, now: float, make: Callable[[Stream | None], tuple[Stream, Result]]
    ) -> tuple[Result, Dropped]:
        """Put what ``make`` makes of a stream in its place; give what else it returns, and what a new one cost.

        ``make`` runs outside of any lock, and is asked again where another request came first: changes of one stream
        follow each other, and whoever has to try again gave way to one who got on.
        """
        while True:
            with self._transaction() as database:
                found = self._read(database, key, now)
            stream, result = make(found.stream if found else None)
            with self._transaction("IMMEDIATE") as database:
                if found is None:
                    dropped = self._insert(database, key, stream, now)
                else:
                    dropped = Dropped() if self._update(database, key, stream, found.revision, now) else None
            if dropped is not None:
                return result, dropped

    def change_known(self, key: StreamKey, now: float, make: Callable[[Stream], tuple[Stream, Result]]) -> Result:
        """Change a stream that must be there.

        Raises:
            UnknownStreamError: there is none of this name, or none any more.
        """

        def make_of_known(found: Stream | None) -> tuple[Stream, Result]:
            if found is None:
                raise _unknown(key)
            return make(found)

        return self.change(key, now, make_of_known)[0]

    def delete(self, key: StreamKey, now: float) -> None:
        """Forget a stream.

        Raises:
            UnknownStreamError: there is none of this name, or none any more.
        """
        with self._transaction("IMMEDIATE") as database:
            oldest = now - self.seconds
            deleted = database.execute(DELETE, (key.model, key.stream, oldest)).rowcount
        if not deleted:
            raise _unknown(key)

    def latest(self, model: str, most: int, now: float) -> list[Kept]:
        """Give up to ``most`` streams of a model, the last used first."""
        with self._transaction() as database:
            rows = database.execute(
                "SELECT stream, revision, touched, told, rows FROM streams WHERE model = ? AND touched >= ? "
                "ORDER BY touched DESC, stream LIMIT ?",
                (model, now - self.seconds, most),
            ).fetchall()
        return [_kept(*row) for row in rows]

    def count(self, model: str, unjudged_after: int, now: float) -> StreamCounts:
        """Count a model's streams, by the state of their alarms at ``now``."""
        with self._transaction() as database:
            rows = database.execute(
                "SELECT CASE WHEN shelved_until > ? OR state != ? THEN state WHEN is_active THEN ? ELSE ? END, "
                "count(*), sum(invalid_rows >= ?) FROM streams WHERE model = ? AND touched >= ? GROUP BY 1",
                (now, SHELVED, AlarmState.UNACKNOWLEDGED, AlarmState.NORMAL, unjudged_after, model, now - self.seconds),
            ).fetchall()
        by_state = {AlarmState(state): count for state, count, _ in rows}
        return StreamCounts({state: by_state.get(state, 0) for state in AlarmState}, sum(row[2] for row in rows))

    def _read(self, database: sqlite3.Connection, key: StreamKey, now: float) -> Kept | None:
        row = database.execute(FIND, (key.model, key.stream, now - self.seconds)).fetchone()
        return None if row is None else _kept(*row)

    def _insert(self, database: sqlite3.Connection, key: StreamKey, stream: Stream, now: float) -> Dropped | None:
        """Put a new stream in, having made room for it; None where another request has."""
        too_old = database.execute("DELETE FROM streams WHERE touched < ?", (now - self.seconds,)).rowcount
        beyond = database.execute("SELECT count(*) FROM streams").fetchone()[0] - self.most + 1
        if self._read(database, key, now) is not None:
            return None
        if beyond > 0:
            database.execute(
                "DELETE FROM streams WHERE rowid IN (SELECT rowid FROM streams ORDER BY touched, rowid LIMIT ?)",
                (beyond,),
            )
        database.execute(INSERT, (key.model, key.stream, now, *_columns(stream)))
        return Dropped(max(beyond, 0), too_old)

    def _update(self, database: sqlite3.Connection, key: StreamKey, stream: Stream, revision: int, now: float) -> bool:
        """Replace a stream, unless another request has."""
        changed = database.execute(UPDATE, (now, *_columns(stream), key.model, key.stream, revision))
        return changed.rowcount == 1

    @contextmanager
    def _transaction(self, kind: str = "DEFERRED") -> Iterator[sqlite3.Connection]:
        """Hold the database for a moment.

        Raises:
            StreamsUnavailableError: it cannot be had, or not be written.
        """
        with self._lock:
            try:
                self._database.execute(f"BEGIN {kind}")
                try:
                    yield self._database
                except BaseException:
                    self._database.rollback()
                    raise
                self._database.commit()
            except sqlite3.Error as error:
                raise StreamsUnavailableError(f"streams cannot be kept at the moment: {error}") from error


def _unknown(key: StreamKey) -> UnknownStreamError:
    return UnknownStreamError(f"model '{key.model}' has no stream '{key.stream}'; its first rows begin it")


def _kept(name: str, revision: int, touched: float, told: str, rows: bytes) -> Kept:
    return Kept(name, Stream.from_bytes(told, rows), revision, touched)


def _columns(stream: Stream) -> tuple[object, ...]:
    alarm = stream.alarm
    until = None if alarm.shelving is None else alarm.shelving.until
    return alarm.condition.active, alarm.state, until, alarm.invalid_rows, *stream.to_bytes()
