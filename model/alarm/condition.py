"""Whether the rule finds an alarm, row by row: k of n with an on delay, a deadband and an off delay.

The alarm condition of ANSI/ISA-18.2, before anyone has acknowledged or shelved anything (``model/alarm/state.py``).
"""

from dataclasses import dataclass

from model.alarm.rule import AlarmRule


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether there is an alarm, and what the rule remembers of the rows before.

    From one alarm to the next, at least ``off_delay`` and then ``k + on_delay - 1`` rows pass: a score that hovers about
    the threshold cannot make it flicker. A row that could not be judged changes nothing.
    """

    active: bool = False
    recent: int = 0
    """A bit for each of the last n judged rows, the latest one lowest: was it an anomaly? Empty while active."""
    held: int = 0
    """For how many rows in a row k of n were anomalies."""
    quiet: int = 0
    """How many quiet rows in a row an active alarm has had."""

    def after_row(self, is_anomaly: bool, is_quiet: bool, rule: AlarmRule) -> "Condition":
        """Take a judged row into account. What went before an alarm is forgotten when it clears."""
        if self.active:
            quiet = self.quiet + 1 if is_quiet else 0
            return Condition() if quiet >= rule.off_delay else Condition(active=True, quiet=quiet)
        recent = (self.recent << 1 | is_anomaly) & (1 << rule.n) - 1
        held = self.held + 1 if recent.bit_count() >= rule.k else 0
        return Condition(active=True) if held >= rule.on_delay else Condition(recent=recent, held=held)

    def after_gap(self) -> "Condition":
        """Start counting afresh, as rows on both sides of a gap do not follow each other. An alarm stays."""
        return Condition(active=self.active)
