"""The SQLite database that holds streams: opened, begun where it is new, and refused where it is another one."""

import sqlite3
from pathlib import Path
from typing import Final

from model.errors import InputError

APPLICATION: Final = 0x504C_554D  # how an SQLite file says whose it is
LAYOUT: Final = 1
BUSY_SECONDS: Final = 5.0  # how long one process waits for another
TABLE: Final = """
CREATE TABLE streams (
    model TEXT NOT NULL, stream TEXT NOT NULL, revision INTEGER NOT NULL, touched REAL NOT NULL,
    is_active INTEGER NOT NULL, state TEXT NOT NULL, shelved_until REAL, invalid_rows INTEGER NOT NULL,
    told TEXT NOT NULL, rows BLOB NOT NULL,
    PRIMARY KEY (model, stream)
)
"""


def open_database(path: Path | None) -> sqlite3.Connection:
    """Open the database in ``path``, in memory where that is None; every transaction is begun by hand.

    Raises:
        InputError: it cannot be opened, or holds something else.
    """
    try:
        database = sqlite3.connect(
            ":memory:" if path is None else path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        if not _is_ours(database):
            database.close()
            raise InputError(f"{path}: expected a file of streams, layout {LAYOUT}, found another SQLite database")
        database.execute("PRAGMA journal_mode=WAL")
        # Safe against a killed process; against a lost machine all but the last moments.
        database.execute("PRAGMA synchronous=NORMAL")
    except sqlite3.Error as error:
        raise InputError(f"{path}: cannot keep streams: {error}") from error
    return database


def _is_ours(database: sqlite3.Connection) -> bool:
    database.execute("BEGIN IMMEDIATE")
    application, layout, tables = (
        database.execute(query).fetchone()[0]
        for query in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
    )
    if tables == 0 and application == 0:
        database.execute(TABLE)
        database.execute("CREATE INDEX streams_by_use ON streams (touched)")
        database.execute(f"PRAGMA application_id={APPLICATION}")
        database.execute(f"PRAGMA user_version={LAYOUT}")
        application, layout = APPLICATION, LAYOUT
    database.commit()
    return (application, layout) == (APPLICATION, LAYOUT)
