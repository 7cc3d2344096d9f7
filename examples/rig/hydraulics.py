"""Where the pump works: its head curve against the circuit's resistance, in a closed loop.

Heads in m of water, flows in m3/h, resistances in m per (m3/h)^2, pressures in bar above atmosphere. All signals [T].
Source: J. F. Guelich, Centrifugal Pumps (3rd ed. 2014), chapters 2 to 4 and 6.
"""

from dataclasses import dataclass

import numpy as np

from examples.rig.dynamics import Signal
from examples.rig.faults import Condition
from examples.rig.load import HOUR, Load

BAR_PER_M = 998.0 * 9.81 / 1e5
ATMOSPHERE = 1.013  # bar
RATED_SPEED = 2900.0  # rpm

SHUTOFF_HEAD = 55.0  # m at rated speed
PUMP = 0.00625  # fall of the head curve: 45 m at 40 m3/h
BEST_FLOW = 36.0  # m3/h at rated speed
BEST_EFFICIENCY = 0.72
REQUIRED_AT_REST = 0.8  # m of net positive suction head at rated speed, and what flow adds
REQUIRED_BY_FLOW = 1.4 / BEST_FLOW**2

TANK_LEVEL = 2.5  # m above the pump
SUCTION = 1.0 / 40**2  # the line from the tank, with its strainer
FILTER = 3.6 / 40**2
PIPES = 16.0 / 40**2  # with the cooler
VALVE_KV = 80.0  # m3/h at 1 bar, fully open
RANGEABILITY = 50.0
FILTER_CYCLE = 8 * HOUR  # back-washed each shift; until then it takes up a little dirt
FILTER_DIRT = 0.10


@dataclass(frozen=True)
class OperatingPoint:
    """Flows, pressures and power, each [T]."""

    flow: Signal
    return_flow: Signal
    suction: Signal
    discharge: Signal
    filter_outlet: Signal
    relative_flow: Signal  # to the best flow at this speed
    suction_margin: Signal  # available over required net positive suction head
    shaft_power: Signal  # W


def operating_point(load: Load, condition: Condition, fluid_temperature: Signal) -> OperatingPoint:
    """Balance pump and circuit.

    Pump: H = r^2 H0 - a Q^2 (affinity laws, r = n / n0). Circuit: H = k Q^2, its parts in series; behind the filter the
    leak runs parallel to the rest. Without static head both are parabolas, so Q = r sqrt(H0 / (a + k)).
    """
    ratio = load.speed / RATED_SPEED
    suction = SUCTION * (1 + condition.strainer_clogging)
    filtering = FILTER * (1 + FILTER_DIRT * (load.clock % FILTER_CYCLE) / FILTER_CYCLE + condition.filter_clogging)
    # Equal-percentage characteristic (IEC 60534-2-4); the pressure drop in bar is (Q / Kv)^2.
    kv = VALVE_KV * RANGEABILITY ** (load.valve - 1)
    rest = PIPES + 1 / BAR_PER_M / kv**2
    leak = condition.leak * np.sqrt(BAR_PER_M)  # m3/h per sqrt(m)
    behind_filter = (leak + 1 / np.sqrt(rest)) ** -2

    # Where the available suction head falls to what the pump requires, cavitation chokes it: no more flow gets in.
    rest_head = (ATMOSPHERE - vapour_pressure(fluid_temperature)) / BAR_PER_M + TANK_LEVEL
    choked = np.sqrt((rest_head - REQUIRED_AT_REST * ratio**2) / (suction + REQUIRED_BY_FLOW))
    flow = np.minimum(ratio * np.sqrt(SHUTOFF_HEAD / (PUMP + suction + filtering + behind_filter)), choked)
    required = REQUIRED_AT_REST * ratio**2 + REQUIRED_BY_FLOW * flow**2

    head = (suction + filtering + behind_filter) * flow**2
    inlet = BAR_PER_M * (TANK_LEVEL - suction * flow**2)
    relative_flow = flow / (ratio * BEST_FLOW)
    efficiency = BEST_EFFICIENCY * (1 - (1 - relative_flow) ** 2)
    return OperatingPoint(
        flow=flow,
        return_flow=flow * np.sqrt(behind_filter / rest),
        suction=inlet,
        discharge=inlet + BAR_PER_M * head,
        filter_outlet=inlet + BAR_PER_M * (head - filtering * flow**2),
        relative_flow=relative_flow,
        suction_margin=(rest_head - suction * flow**2) / required,
        shaft_power=BAR_PER_M * 1e5 * head * (flow / HOUR) / efficiency,
    )


def vapour_pressure(temperature: Signal) -> Signal:
    """Give water's vapour pressure in bar, absolute (Magnus form, Alduchov and Eskridge 1996)."""
    return 6.1094e-3 * np.exp(17.625 * temperature / (temperature + 243.04))
