"""Whose request it is, once it has been let in."""

import math
from dataclasses import dataclass

from service.access.rate import Rate
from service.access.scope import Scope


@dataclass(frozen=True, slots=True)
class Admitted:
    """Whose request it is: the ``name`` of its key, None where nobody has to have one.

    ``who`` is the number under which the rates are kept; 0 where there are none.
    """

    name: str | None = None
    scopes: frozenset[Scope] = frozenset(Scope)
    not_after: float = math.inf
    who: int = 0
    requests: Rate | None = None
    samples: Rate | None = None


ANYBODY = Admitted()
