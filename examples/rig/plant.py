"""The whole plant: load and state of repair in, true values of what the sensors look at out."""

import numpy as np

from examples.rig.dynamics import Signal
from examples.rig.faults import Condition
from examples.rig.hydraulics import operating_point
from examples.rig.load import Load
from examples.rig.thermal import (
    bearing_temperature,
    bearing_torque,
    cooler_effectiveness,
    fluid_temperature,
    motor_current,
    motor_temperature,
)
from examples.rig.vibration import vibration


def run_plant(load: Load, condition: Condition) -> dict[str, Signal]:
    """Run the plant under ``load``; returns true values [T] by sensor name."""
    # Flow hardly knows the fluid's temperature (only through cavitation), so one more pass with it is exact enough.
    temperate = np.full_like(load.speed, 30.0)
    fluid = fluid_temperature(load, operating_point(load, condition, temperate))
    point = operating_point(load, condition, fluid)

    torque = bearing_torque(load, point, condition)
    current = motor_current(load, point, torque)
    radial, axial = vibration(load, point, condition)
    return {
        "speed": load.speed,
        "suction_pressure": point.suction,
        "discharge_pressure": point.discharge,
        "filter_outlet_pressure": point.filter_outlet,
        "flow": point.flow,
        "return_flow": point.return_flow,
        "fluid_temperature": fluid,
        "cooler_outlet_temperature": fluid - cooler_effectiveness(point.return_flow) * (fluid - load.cooling_water),
        "cooling_water_temperature": load.cooling_water,
        "motor_temperature": motor_temperature(load, current),
        "bearing_temperature": bearing_temperature(load, torque, fluid),
        "vibration_radial": radial,
        "vibration_axial": axial,
        "motor_current": current,
    }
