"""The alarms that a rule makes of clean scores in time order: what an operator would have been told.

The rule of ``model/alarm/condition.py``, taken from one row that is not quiet to the next: of clean rows few are not.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.alarm.rule import AlarmRule, CleanAlarms
from training.alarm_config import AlarmConfig

EVERY_ANOMALY = AlarmConfig(off_delay=1, hysteresis=1.0)


@dataclass(frozen=True)
class Series:
    """Scores in time order, one group after the other: ``scores`` [n], and where each group starts; no alarm spans two."""

    scores: NDArray[np.float64]
    starts: tuple[int, ...] = (0,)

    @classmethod
    def of(cls, scores: NDArray[np.float64], groups: NDArray[np.str_] | None) -> "Series":
        """Put the rows of one group together; ``groups`` [n] name them."""
        if groups is None:
            return cls(scores)
        order = np.argsort(groups, kind="stable")
        changes = np.flatnonzero(groups[order][1:] != groups[order][:-1]) + 1
        return cls(scores[order], (0, *changes.tolist()))

    def alarms_above(self, threshold: float, rule: AlarmConfig) -> list[tuple[int, int]]:
        """Return the alarms of a ``threshold`` for which these are the calibration scores."""
        return self.alarms(threshold, clear_threshold(threshold, self.scores, rule.hysteresis), rule)

    def alarms(self, threshold: float, clear: float, rule: AlarmConfig) -> list[tuple[int, int]]:
        """Return the row that raises each alarm, and the one that clears it (or the end of its group)."""
        rows = np.flatnonzero(self.scores > clear)
        anomalous = self.scores[rows] > threshold
        bounds = np.searchsorted(rows, (*self.starts, self.scores.size))
        ends = (*self.starts[1:], self.scores.size)
        return [
            alarm
            for first, last, start, end in zip(bounds[:-1], bounds[1:], self.starts, ends, strict=True)
            if first < last
            for alarm in _alarms(rows[first:last].tolist(), anomalous[first:last].tolist(), start, end, rule)
        ]


def clear_threshold(threshold: float, scores: NDArray[np.float64], hysteresis: float) -> float:
    """Give the score that ``hysteresis`` times as many of the clean ``scores`` [n] exceed as exceed ``threshold``."""
    if hysteresis == 1:
        return threshold
    above = int(hysteresis * int((scores > threshold).sum()) + 1e-9)
    rank = max(scores.size - 1 - above, 0)
    return min(float(np.partition(scores, rank)[rank]), threshold)


def alarm_rule(threshold: float, scores: NDArray[np.float64], rule: AlarmConfig) -> AlarmRule:
    """Complete the rule asked for by the line that goes with ``threshold`` on the clean ``scores`` [n]."""
    return AlarmRule(clear_threshold=clear_threshold(threshold, scores, rule.hysteresis), **rule.model_dump())


def clean_alarms(series: Series, threshold: float, rule: AlarmConfig) -> CleanAlarms:
    """Count what an operator would have seen of clean rows, and what without the rule."""
    return CleanAlarms(
        annunciations=len(series.alarms_above(threshold, rule)), runs=len(series.alarms_above(threshold, EVERY_ANOMALY))
    )


def _alarms(
    rows: list[int], anomalous: list[bool], start: int, end: int, rule: AlarmConfig
) -> Iterator[tuple[int, int]]:
    """Follow the rule over rows ``start`` to ``end``, of which all but ``rows`` are quiet."""
    recent: deque[int] = deque(maxlen=rule.k)  # the latest anomalies
    held_since = held_until = start - 2  # the rows in which k of n hold, the later one foreseen
    raised, busy = -1, -1  # the row that raised the alarm, -1 without one, and its last row that was not quiet
    for row, is_anomaly in zip([*rows, end], [*anomalous, False], strict=True):
        due = held_since + rule.on_delay - 1
        if raised < 0 and recent and held_since >= start and due <= min(held_until, row - 1):
            raised = busy = due
            recent.clear()
        if raised >= 0 and row - busy > rule.off_delay:
            yield raised, busy + rule.off_delay
            raised = -1
            held_since = held_until = start - 2
        if row == end:
            break
        if raised >= 0:
            busy = row
        elif is_anomaly:
            recent.append(row)
            if len(recent) == rule.k and row - recent[0] < rule.n:
                if row > held_until + 1:
                    held_since = row
                held_until = recent[0] + rule.n - 1
                if row - held_since + 1 >= rule.on_delay:
                    raised = busy = row
                    recent.clear()
    if raised >= 0:
        yield raised, end
