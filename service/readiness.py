"""Whether requests should be sent here: what both health routes go by."""

import asyncio

from service.errors import NotReadyError
from service.registry.models import Models


def check_ready(models: Models, draining: asyncio.Event) -> None:
    """Let pass while every model is served.

    Raises:
        NotReadyError: one is not, or the service is about to stop.
    """
    if draining.is_set():
        raise NotReadyError("the service is about to stop")
    if models.faults:
        raise NotReadyError("; ".join(models.faults), {"faults": [*models.faults]})
