"""How warm motor, bearing and fluid get: one thermal mass each, heated by losses and cooled by what surrounds it.

C dT/dt = P - G (T - T_around), temperatures in degC, powers in W, all signals [T].
Sources: Incropera et al., Fundamentals of Heat and Mass Transfer, chapters 5 and 11; SKF, Rolling bearings, friction.
"""

import numpy as np

from examples.rig.dynamics import Signal, first_order
from examples.rig.faults import Condition
from examples.rig.hydraulics import RATED_SPEED, OperatingPoint
from examples.rig.load import HOUR, Load

WATER = 998.0 * 4180 / HOUR  # W/K per m3/h of flow
TANK_HEAT = 2.5 * 998 * 4180  # J/K, 2.5 m3 of water
COLD_FLOW = 60.0  # m3/h of cooling water, always more than the circuit's own
FILM, WALL = 5.2e3, 60e3  # W/K: the flow's film coefficient at 1 m3/h, and plates with the cold side

MAGNETISING_CURRENT = 5.0  # A
TORQUE_CURRENT = 0.545  # A/(N m)
PHASE_RESISTANCE = 0.9  # ohm
MOTOR_HEAT = 23e3  # J/K, some 50 kg of steel and copper

BEARING_LOAD, BEARING_THRUST = 900.0, 350.0  # N, and N per bar of discharge pressure
BEARING_RADIUS = 0.02  # m
ROLLING_FRICTION = 1.8e-3
SEAL_TORQUE = 0.1  # N m at rated speed
BEARING_HEAT = 1500.0  # J/K
TO_AMBIENT, TO_FLUID = 1.1, 0.9  # W/K


def cooler_effectiveness(flow: Signal) -> Signal:
    """Give a counterflow plate cooler's effectiveness: epsilon-NTU, film coefficient growing with flow^0.7."""
    conductance = 1 / (1 / (FILM * flow**0.7) + 1 / WALL)
    units, capacities = conductance / (WATER * flow), flow / COLD_FLOW
    loss = np.exp(-units * (1 - capacities))
    return np.asarray((1 - loss) / (1 - capacities * loss))


def fluid_temperature(load: Load, point: OperatingPoint) -> Signal:
    """Give the tank's temperature: process heat and the pump's whole power in, the cooler's heat out."""
    conductance = cooler_effectiveness(point.return_flow) * WATER * point.return_flow
    rate = conductance / TANK_HEAT
    drive = (load.heat + point.shaft_power + conductance * load.cooling_water) / TANK_HEAT
    return first_order(rate, drive, float(drive[0] / rate[0]))


def bearing_torque(load: Load, point: OperatingPoint, condition: Condition) -> Signal:
    """Give the bearing's friction torque, N m: rolling 0.5 mu F d, seal growing with speed^(2/3), both with wear."""
    force = BEARING_LOAD + BEARING_THRUST * point.discharge
    seal = SEAL_TORQUE * (load.speed / RATED_SPEED) ** (2 / 3)
    return (ROLLING_FRICTION * force * BEARING_RADIUS + seal) * (1 + condition.wear)


def bearing_temperature(load: Load, torque: Signal, fluid: Signal) -> Signal:
    power = torque * angular_speed(load)
    conductance = TO_AMBIENT + TO_FLUID
    drive = (power + TO_AMBIENT * load.ambient + TO_FLUID * fluid) / BEARING_HEAT
    rate = np.full(power.size, conductance / BEARING_HEAT)
    return first_order(rate, drive, float(drive[0] / rate[0]))


def motor_current(load: Load, point: OperatingPoint, bearing: Signal) -> Signal:
    """Give the phase current, A: magnetising and torque-producing parts at right angles (induction motor on a drive)."""
    torque = point.shaft_power / angular_speed(load) + bearing
    return np.hypot(MAGNETISING_CURRENT, TORQUE_CURRENT * torque)


def motor_temperature(load: Load, current: Signal) -> Signal:
    """Give the winding's temperature: copper and iron losses against a fan on the shaft."""
    ratio = load.speed / RATED_SPEED
    losses = 3 * PHASE_RESISTANCE * current**2 + 250 * ratio**1.3
    conductance = 4 + 9 * ratio**0.8
    rate, drive = conductance / MOTOR_HEAT, (losses + conductance * load.ambient) / MOTOR_HEAT
    return first_order(rate, drive, float(drive[0] / rate[0]))


def angular_speed(load: Load) -> Signal:
    return load.speed * (2 * np.pi / 60)
