"""Following the models while they serve."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from service.registry.memory import give_back
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
    before, has_garbage = _digests(registry), False
    while True:
        await asyncio.sleep(seconds)
        # By itself, nobody would look for garbage for hours: so little else is left behind. One look after a version went,
        # what was under way with it has ended.
        if has_garbage or registry.loader.memory.take_emptied():
            await asyncio.to_thread(give_back)
        try:
            await asyncio.to_thread(registry.poll)
        except Exception:  # a fault of ours; what serves goes on, and the next look may do better
            log.exception("models cannot be followed")
        now = _digests(registry)
        before, has_garbage = now, now != before


def _digests(registry: Registry) -> set[str]:
    return {named.served.digest for named in registry.models if named.served is not None}
