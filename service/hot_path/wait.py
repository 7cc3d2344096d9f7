"""How long who comes now would wait, and whether that is too long: told at once, not after having waited in vain."""

from time import perf_counter
from typing import NamedTuple

from service.errors import OverloadedError

# For how long the first in line must have waited, in parts of what may be waited, until the line's speed is known well enough.
KNOWN = 0.25
# Aim so far ahead of a deadline: whoever misses it was read for nothing.
MARGIN = 0.5


class Place(NamedTuple):
    """Since when someone stands in line, a time of ``perf_counter``, and how much had left it by then."""

    since: float
    left_before: int


def check_wait(first: Place, left: int, length: int, patience: float, deadline: float) -> None:
    """Let in who comes to a line of such a ``length``, which so much has ``left`` so far, unless the wait would be too long.

    The line is taken to move on as fast as it has since its ``first`` joined. By Little's law, the wait is then the length
    over that rate: longer than the first has waited, where more comes than is served.

    Raises:
        OverloadedError: the wait is longer than ``patience`` seconds, or than until ``deadline``.
    """
    now = perf_counter()
    waited, served = now - first.since, left - first.left_before
    longest = min(patience, MARGIN * (deadline - now))
    if waited <= KNOWN * longest:
        return
    if waited * max(1.0, length / served if served else 1.0) > longest:
        bound = f"more than {patience:g} s" if longest == patience else "about as long as this one may"
        raise OverloadedError(f"requests wait for {bound}; try again")
