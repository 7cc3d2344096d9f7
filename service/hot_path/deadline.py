"""How long a client waits: what a request says of it, as a time."""

import math
from collections.abc import Iterable
from time import perf_counter

from service.errors import UnreadableHeaderError

HEADER = b"x-request-timeout"
LONGEST_SECONDS = 3_600.0


def deadline_of(headers: Iterable[tuple[bytes, bytes]], seconds: float) -> float:
    """Return the time of ``perf_counter`` after which nobody waits: in ``seconds``, or earlier if the headers say so.

    Raises:
        UnreadableHeaderError: they say something else.
    """
    for name, value in headers:
        if name == HEADER:
            try:
                asked = float(value)
            except ValueError:
                asked = math.nan
            if not 0 < asked <= LONGEST_SECONDS:
                found = value[:40].decode("latin-1")
                raise UnreadableHeaderError(
                    f"X-Request-Timeout must be a number of seconds, more than 0 and at most {LONGEST_SECONDS:g}, found {found!r}"
                )
            seconds = min(seconds, asked)
    return perf_counter() + seconds
