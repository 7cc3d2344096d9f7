"""How many streams there are, and how many there no longer are."""

from collections.abc import Mapping
from dataclasses import dataclass

from model.alarm.state import AlarmState


@dataclass(frozen=True)
class StreamCounts:
    """How many streams there are by the state of their alarms, and how many go unjudged."""

    by_state: Mapping[AlarmState, int]
    unjudged: int


@dataclass(frozen=True)
class Dropped:
    """How many streams made room for a new one: the least recently used beyond the limit, and those too old."""

    beyond_limit: int = 0
    too_old: int = 0
