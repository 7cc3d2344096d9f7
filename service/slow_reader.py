"""A client that does not read: what is written for it stays in memory, so it is not waited for without end."""

import asyncio
import fcntl
import logging
import sys
from contextlib import suppress
from termios import TIOCOUTQ

# What a client takes of its answer, at least, on average.
BYTES_PER_SECOND = 1024

log = logging.getLogger("plumbline.connections")


class SlowReader:
    """Looks every so many ``seconds`` whether a client reads what ``transport`` has for it."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._transport, self._loop, self._seconds = transport, loop, seconds
        self._timer: asyncio.TimerHandle | None = None
        self._left = 0

    def watch(self) -> None:
        """Begin to look, where something is left to be read."""
        if self._timer is None and self._transport.get_write_buffer_size():
            self._left = self._unread()
            self._timer = self._loop.call_later(self._seconds, self._look)

    def stop(self) -> None:
        """Look no longer: what is left is little, or there is nobody to read it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        waits = self._transport.get_write_buffer_size() > 0
        if waits and self._left - self._unread() < self._seconds * BYTES_PER_SECOND:
            log.warning("closed a connection: its client did not read the answer")
            self._transport.abort()
        else:
            self.watch()

    def _unread(self) -> int:
        """Count what the kernel still keeps, too: it takes more from us only when a third of its megabytes is free."""
        kept = bytes(4)
        with suppress(OSError):  # a kernel that does not tell
            kept = fcntl.ioctl(self._transport.get_extra_info("socket").fileno(), TIOCOUTQ, kept)
        return self._transport.get_write_buffer_size() + int.from_bytes(kept, sys.byteorder)
