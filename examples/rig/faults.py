"""What goes wrong: faults in the plant, and faults of a sensor while the plant is well."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from examples.rig.dynamics import Signal


class FaultName(StrEnum):
    """The faults the rig knows. The comment is what severity measures."""

    LEAK = "leak"  # flow coefficient of the hole, m3/h at 1 bar
    BLOCKED_FILTER = "blocked filter"  # added resistance, times that of the clean element
    BEARING_WEAR = "bearing wear"  # added friction, times that of the sound bearing
    CAVITATION = "cavitation"  # added resistance of the suction strainer, times that of the suction line
    STUCK_SENSOR = "stuck sensor"  # not used: the sensor repeats its last value
    DRIFTING_SENSOR = "drifting sensor"  # offset reached, in the sensor's unit


PHYSICAL = (FaultName.LEAK, FaultName.BLOCKED_FILTER, FaultName.BEARING_WEAR, FaultName.CAVITATION)


@dataclass(frozen=True)
class Fault:
    """One fault: from ``start`` it grows over ``growth`` seconds to ``severity`` and stays.

    ``reveals`` names the sensors that should give it away; for a sensor fault, the first is the faulty one.
    """

    name: FaultName
    severity: float
    start: int
    growth: int
    reveals: tuple[str, ...]

    def course(self, seconds: int) -> Signal:
        """Give the severity at each second [T]."""
        since = np.arange(seconds) - self.start
        return self.severity * np.clip(since / max(self.growth, 1), 0.0, 1.0)


@dataclass(frozen=True)
class Condition:
    """The plant's state of repair, each [T]; zeros are sound. Units as in ``FaultName``."""

    leak: Signal
    filter_clogging: Signal
    wear: Signal
    strainer_clogging: Signal


def condition(fault: Fault | None, seconds: int) -> Condition:
    """Say what ``fault`` does to the plant; a sensor fault does nothing."""
    sound = np.zeros(seconds)
    course = {fault.name: fault.course(seconds)} if fault else {}
    return Condition(*(course.get(name, sound) for name in PHYSICAL))
