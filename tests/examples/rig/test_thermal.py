import numpy as np
import pytest

from examples.rig.faults import condition
from examples.rig.hydraulics import operating_point
from examples.rig.load import HOUR, production
from examples.rig.thermal import (
    COLD_FLOW,
    FILM,
    MAGNETISING_CURRENT,
    TANK_HEAT,
    WALL,
    WATER,
    cooler_effectiveness,
    fluid_temperature,
    motor_current,
)


def test_the_fluid_stores_exactly_the_heat_that_the_cooler_does_not_take() -> None:
    load = production(0, 6 * HOUR, np.random.default_rng(0))
    point = operating_point(load, condition(None, load.clock.size), np.full(load.clock.size, 30.0))
    fluid = fluid_temperature(load, point)
    within = (fluid[1:] + fluid[:-1]) / 2
    taken = cooler_effectiveness(point.return_flow) * WATER * point.return_flow
    given = load.heat + point.shaft_power
    balance = given[1:] - taken[1:] * (within - load.cooling_water[1:])
    stored = TANK_HEAT * (fluid[-1] - fluid[0])
    assert balance.sum() == pytest.approx(stored, abs=1e-5 * given.sum())


def test_the_cooler_agrees_with_its_logarithmic_mean_temperature_difference() -> None:
    flow, hot, cold = 20.0, 40.0, 20.0
    heat = float(cooler_effectiveness(np.array([flow]))[0]) * WATER * flow * (hot - cold)
    hot_out, cold_out = hot - heat / (WATER * flow), cold + heat / (WATER * COLD_FLOW)
    ends = hot - cold_out, hot_out - cold
    conductance = 1 / (1 / (FILM * flow**0.7) + 1 / WALL)
    assert heat == pytest.approx(conductance * (ends[0] - ends[1]) / np.log(ends[0] / ends[1]), rel=1e-9)


def test_more_torque_takes_more_current_and_none_still_magnetises() -> None:
    load = production(0, HOUR, np.random.default_rng(0))
    point = operating_point(load, condition(None, HOUR), np.full(HOUR, 30.0))
    light, heavy = (motor_current(load, point, np.full(HOUR, torque)) for torque in (0.0, 5.0))
    assert (heavy > light).all()
    assert (light > MAGNETISING_CURRENT).all()
