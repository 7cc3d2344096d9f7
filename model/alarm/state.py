"""What an operator sees and does of an alarm: the states of ANSI/ISA-18.2 and how one leads to another.

Of the standard's states, latched alarms, suppression by design and out of service are not offered: they belong to the
alarm system that these states are handed on to.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from model.alarm.condition import Condition
from model.alarm.rule import AlarmRule


class AlarmState(StrEnum):
    """Where an alarm stands. Only the way into ``UNACKNOWLEDGED`` is annunciated."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned_to_normal_unacknowledged"
    SHELVED = "shelved"


@dataclass(frozen=True, slots=True)
class Shelving:
    """An operator's wish not to be told, ``until`` a time in seconds, for a ``reason``."""

    until: float
    reason: str


@dataclass(frozen=True, slots=True)
class StreamAlarm:
    """The alarm of one stream. Times are seconds of whatever clock the caller reads."""

    condition: Condition = field(default_factory=Condition)
    is_acknowledged: bool = True
    """Whether nothing waits for an operator; true until a first alarm is raised."""
    shelving: Shelving | None = None
    since: float | None = None
    """When the state became what it is, or None where it never changed."""
    invalid_rows: int = 0
    """How many rows in a row could not be judged."""

    @property
    def state(self) -> AlarmState:
        if self.shelving is not None:
            return AlarmState.SHELVED
        if self.condition.active:
            return AlarmState.ACKNOWLEDGED if self.is_acknowledged else AlarmState.UNACKNOWLEDGED
        return AlarmState.NORMAL if self.is_acknowledged else AlarmState.RETURNED

    def after_row(self, is_anomaly: bool, is_quiet: bool, rule: AlarmRule, now: float) -> "StreamAlarm":
        """Take a judged row into account; shelving that has expired must be taken off first (``at``)."""
        condition = self.condition.after_row(is_anomaly, is_quiet, rule)
        raised = condition.active and not self.condition.active
        is_acknowledged = self.is_acknowledged and not (raised and self.shelving is None)
        return self._entering(replace(self, condition=condition, is_acknowledged=is_acknowledged, invalid_rows=0), now)

    def after_invalid_row(self) -> "StreamAlarm":
        """Count a row that could not be judged: it neither raises nor clears."""
        return replace(self, invalid_rows=self.invalid_rows + 1)

    def after_gap(self) -> "StreamAlarm":
        """Start counting rows afresh after a gap; the state stays."""
        return replace(self, condition=self.condition.after_gap())

    def at(self, now: float) -> "StreamAlarm":
        """Take off shelving that has expired by ``now``."""
        expired = self.shelving is not None and now >= self.shelving.until
        return self._unshelved(self.shelving.until) if self.shelving is not None and expired else self

    def acknowledged(self, now: float) -> "StreamAlarm":
        """Note that an operator has seen the alarm; without one, or shelved, nothing changes."""
        return self._entering(replace(self, is_acknowledged=True), now)

    def shelved(self, until: float, reason: str, now: float) -> "StreamAlarm":
        """Annunciate nothing ``until`` then; who shelves has seen what there is. Shelved again, the later word counts."""
        return self._entering(replace(self, shelving=Shelving(until, reason), is_acknowledged=True), now)

    def unshelved(self, now: float) -> "StreamAlarm":
        """Annunciate again; what is active is annunciated now."""
        return self if self.shelving is None else self._unshelved(now)

    def is_unjudged(self, rule: AlarmRule, window_length: int = 1) -> bool:
        """Tell whether the stream has gone unjudged for longer than filling a window explains."""
        return self.invalid_rows >= rule.unjudged_after + window_length - 1

    def _unshelved(self, when: float) -> "StreamAlarm":
        return self._entering(replace(self, shelving=None, is_acknowledged=not self.condition.active), when)

    def _entering(self, after: "StreamAlarm", when: float) -> "StreamAlarm":
        return after if after.state == self.state else replace(after, since=when)
