"""The end of a worker: every request that was sent before it stops is answered, and no client is cut off mid-sentence."""

import asyncio
import os
import signal
import socket
from types import FrameType

from uvicorn import Server

from service.connection import Connection

# How long idle connections are still read once nothing new is accepted: a request may be on its way.
LINGER_SECONDS = 0.5
POLL_SECONDS = 0.02


def drain_on(number: signal.Signals, draining: asyncio.Event, notice_seconds: float) -> None:
    """Put ourselves before uvicorn's handler of a signal: say "not ready", drain, and only then let it stop.

    A second signal stops at once.
    """
    stop = signal.getsignal(number)
    server = getattr(stop, "__self__", None)
    if not callable(stop) or not isinstance(server, Server):
        raise TypeError(f"expected uvicorn to handle {number.name}")
    loop = asyncio.get_running_loop()
    running: set[asyncio.Task[None]] = set()  # the loop itself holds tasks only weakly

    async def drain() -> None:
        draining.set()
        await asyncio.sleep(notice_seconds)
        await _stop_accepting(server)
        await _linger(server)
        stop(number, None)

    def handle(number: int, frame: FrameType | None) -> None:
        if running:
            stop(number, frame)
        else:
            loop.call_soon_threadsafe(lambda: running.add(loop.create_task(drain())))

    signal.signal(number, handle)


async def _stop_accepting(server: Server) -> None:
    """Close the listening sockets, taking over who already waits in them: the kernel would reset them."""
    listeners = [
        socket.socket(fileno=os.dup(listener.fileno())) for taking in server.servers for listener in taking.sockets
    ]
    for taking in server.servers:
        taking.close()
    await asyncio.sleep(0)  # uvloop closes in its next round
    tls = server.config.ssl
    taken = [
        asyncio.get_running_loop().connect_accepted_socket(
            lambda: Connection(server.config, server.server_state, server.lifespan.state),
            connection,
            ssl=tls,
            ssl_handshake_timeout=None if tls is None else LINGER_SECONDS,
        )
        for listener in listeners
        for connection in _waiting_in(listener)
    ]
    await asyncio.gather(*taken, return_exceptions=True)  # who fails to shake hands has left


def _waiting_in(listener: socket.socket) -> list[socket.socket]:
    waiting = []
    with listener:
        listener.setblocking(False)
        while True:
            try:
                waiting.append(listener.accept()[0])
            except ConnectionAbortedError:
                continue  # left while it waited
            except OSError:  # nobody waits, or no descriptor is left to take them with
                return waiting


async def _linger(server: Server) -> None:
    end = asyncio.get_running_loop().time() + LINGER_SECONDS
    while server.server_state.connections and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(POLL_SECONDS)
