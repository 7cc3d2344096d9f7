"""How the pump's bearing housing vibrates: velocity, mm/s RMS, as ISO 20816 measures it. All signals [T]."""

import numpy as np

from examples.rig.dynamics import Signal
from examples.rig.faults import Condition
from examples.rig.hydraulics import RATED_SPEED, OperatingPoint
from examples.rig.load import Load

CRITICAL_SPEED = 3900.0  # rpm, the housing's first natural frequency, above the working range
DAMPING = 0.08
INCEPTION = 3.0  # suction margin below which bubbles form (Guelich, Centrifugal Pumps, 6.2)


def vibration(load: Load, point: OperatingPoint, condition: Condition) -> tuple[Signal, Signal]:
    """Give radial and axial vibration; independent sources add as squares.

    Unbalance is the response to a rotating force, r^2 / |1 - r^2 + 2 i zeta r| times the speed (Rao, Mechanical
    Vibrations, 3.7). Flow noise grows away from the best flow; cavitation sets in below ``INCEPTION``.
    """
    r = load.speed / CRITICAL_SPEED
    ratio = load.speed / RATED_SPEED
    unbalance = 1.3 * ratio * r**2 / np.hypot(1 - r**2, 2 * DAMPING * r)
    flow_noise = ratio**2 * (0.35 + 1.6 * (point.relative_flow - 1) ** 2)
    cavitation = 2.2 * ratio * np.maximum(INCEPTION - point.suction_margin, 0.0)
    wear = 2.4 * ratio * condition.wear
    radial = np.sqrt(0.45**2 + unbalance**2 + flow_noise**2 + cavitation**2 + wear**2)
    axial = np.sqrt(0.3**2 + (0.35 * unbalance) ** 2 + (0.8 * flow_noise) ** 2 + cavitation**2 + (0.5 * wear) ** 2)
    return radial, axial
