"""All connections of a process: no more than it has room for."""

import asyncio
import logging
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from service.metrics import Metrics

LOG_SECONDS = 1.0

log = logging.getLogger("plumbline.connections")


@dataclass(frozen=True)
class ConnectionBounds:
    """So many ``connections`` at once; ``unread_seconds`` for a client that takes less than 1 KiB/s of its answer."""

    connections: int = 4_096
    unread_seconds: float = 60.0


class Open(Protocol):
    """A connection."""

    transport: asyncio.Transport


class Connections:
    """Counts connections, and says which there is no room for."""

    def __init__(self, bounds: ConnectionBounds, metrics: Metrics) -> None:
        self.bounds, self._metrics = bounds, metrics
        self._open: set[Open] = set()
        self._turned_away: set[Open] = set()
        self._refused, self._logged_at = 0, 0.0

    def __len__(self) -> int:
        return len(self._open)

    def opened(self, connection: Open) -> bool:
        """Count a connection; False: there is no room for it. It may be told so, and has to be closed."""
        if len(self._open) < self.bounds.connections:
            self._open.add(connection)
            return True
        self._tell()
        if len(self._turned_away) < self.bounds.connections:
            self._turned_away.add(connection)
        else:  # too many to tell them
            connection.transport.abort()
        return False

    def closed(self, connection: Open) -> None:
        """Count one less."""
        self._open.discard(connection)
        self._turned_away.discard(connection)

    def _tell(self) -> None:
        self._metrics.observe_refused_request("too_many_connections")
        self._refused += 1
        if monotonic() - self._logged_at >= LOG_SECONDS:
            fields = {"refused": self._refused, "open": len(self._open)}
            log.warning("connections refused: there are too many", extra={"fields": fields})
            self._refused, self._logged_at = 0, monotonic()
