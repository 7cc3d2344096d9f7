"""A client that does not read: what is written for it stays in memory, so it is not waited for without end."""

import asyncio

# As long without a byte gone to the client, and its connection ends.
SECONDS = 60.0


class SlowReader:
    """Looks whether a client reads what ``transport`` has for it."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._timer: asyncio.TimerHandle | None = None
        self._left = 0

    def watch(self) -> None:
        """Begin to look, where something is left to be read."""
        if self._timer is None and (left := self._transport.get_write_buffer_size()):
            self._left = left
            self._timer = self._loop.call_later(SECONDS, self._look)

    def stop(self) -> None:
        """Look no longer: what is left is little, or there is nobody to read it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._transport.get_write_buffer_size() >= self._left:
            self._transport.abort()
        else:
            self.watch()
