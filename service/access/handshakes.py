"""An event loop whose TLS servers do not wait long for a client that connects and says nothing."""

import asyncio
from typing import Any

from uvicorn.loops.auto import auto_loop_factory

HANDSHAKE_SECONDS = 10.0  # not the loop's own 60: until then, a connection is none that is counted


def new_loop() -> asyncio.AbstractEventLoop:
    """Make the loop that uvicorn would; uvicorn itself has no setting for this."""
    loop = auto_loop_factory()()
    create_server = loop.create_server

    async def create_hurried_server(*arguments: Any, **named: Any) -> asyncio.Server:
        if named.get("ssl") is not None:
            named.setdefault("ssl_handshake_timeout", HANDSHAKE_SECONDS)
        server: asyncio.Server = await create_server(*arguments, **named)
        return server

    loop.create_server = create_hurried_server  # type: ignore[method-assign]
    return loop
