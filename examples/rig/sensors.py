"""The transmitters: what they measure, how they blur it, and how they fail. T: seconds, S: logged samples."""

from dataclasses import dataclass

import numpy as np

from examples.rig.dynamics import Signal, lagged
from examples.rig.faults import Fault, FaultName


@dataclass(frozen=True)
class Sensor:
    """One transmitter. It cannot read outside ``[low, high]``; noise is absolute plus a part of the reading."""

    name: str
    unit: str
    low: float
    high: float
    resolution: float
    noise: float
    relative_noise: float
    damping: float  # s, its time constant


SENSORS = (
    Sensor("speed", "rpm", 0, 3600, 1, 0.8, 0, 1),
    Sensor("suction_pressure", "bar", -1, 1.5, 0.001, 0.003, 0, 1),
    Sensor("discharge_pressure", "bar", 0, 10, 0.005, 0.015, 0, 1),
    Sensor("filter_outlet_pressure", "bar", 0, 10, 0.005, 0.015, 0, 1),
    Sensor("flow", "m3/h", 0, 80, 0.05, 0.05, 0.004, 1),
    Sensor("return_flow", "m3/h", 0, 80, 0.05, 0.05, 0.004, 1),
    Sensor("fluid_temperature", "degC", -20, 120, 0.1, 0.12, 0, 15),
    Sensor("cooler_outlet_temperature", "degC", -20, 120, 0.1, 0.12, 0, 15),
    Sensor("cooling_water_temperature", "degC", -20, 120, 0.1, 0.12, 0, 15),
    Sensor("motor_temperature", "degC", -20, 200, 0.1, 0.2, 0, 30),
    Sensor("bearing_temperature", "degC", -20, 200, 0.1, 0.2, 0, 20),
    Sensor("vibration_radial", "mm/s", 0, 25, 0.01, 0.02, 0.03, 1),
    Sensor("vibration_axial", "mm/s", 0, 25, 0.01, 0.02, 0.03, 1),
    Sensor("motor_current", "A", 0, 30, 0.05, 0.03, 0.005, 1),
)


def read(sensor: Sensor, true: Signal, fault: Fault | None, every: int, rng: np.random.Generator) -> Signal:
    """Log what ``sensor`` shows of the ``true`` value [T], once in ``every`` seconds [S]."""
    shown = lagged(true, sensor.damping)
    faulty = fault is not None and fault.reveals[0] == sensor.name
    if fault is not None and faulty and fault.name is FaultName.DRIFTING_SENSOR:
        shown = shown + fault.course(true.size)
    logged = shown[::every]
    logged = logged + rng.normal(size=logged.size) * np.hypot(sensor.noise, sensor.relative_noise * logged)
    if fault is not None and faulty and fault.name is FaultName.STUCK_SENSOR:
        first = -(-fault.start // every)
        logged[first:] = logged[first]
    steps = np.round(np.clip(logged, sensor.low, sensor.high) / sensor.resolution)
    return np.round(steps * sensor.resolution, 6)
