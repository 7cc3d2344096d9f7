"""Following the models while they serve."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from service.registry.registry import Registry

log = logging.getLogger("plumbline.models")


@asynccontextmanager
async def watching(registry: Registry, seconds: float) -> AsyncIterator[None]:
    """Poll ``registry`` every so many seconds while the context lasts, never on the event loop; 0: not at all.

    At the end, close it.
    """
    task = asyncio.create_task(_watch(registry, seconds)) if seconds else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await asyncio.to_thread(registry.close)


async def _watch(registry: Registry, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await asyncio.to_thread(registry.poll)
        except Exception:
            log.exception("models cannot be followed")
