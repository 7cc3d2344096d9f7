from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from examples.rig.dynamics import Signal
from examples.rig.faults import Condition, condition
from examples.rig.hydraulics import (
    ATMOSPHERE,
    BAR_PER_M,
    PUMP,
    RATED_SPEED,
    SHUTOFF_HEAD,
    TANK_LEVEL,
    OperatingPoint,
    operating_point,
    vapour_pressure,
)
from examples.rig.load import Load

TEMPERATURE = np.array([30.0, 30.0, 30.0])
SOUND = condition(None, 3)


def constant(speeds: tuple[float, float, float], valve: float = 0.6) -> Load:
    same = np.full(3, 20.0)
    return Load(
        clock=np.zeros(3),
        speed=np.array(speeds),
        valve=np.full(3, valve),
        heat=np.full(3, 1e5),
        ambient=same,
        cooling_water=same,
    )


def at(speeds: tuple[float, float, float], state: Condition = SOUND, valve: float = 0.6) -> OperatingPoint:
    return operating_point(constant(speeds, valve), state, TEMPERATURE)


def head(point: OperatingPoint) -> Signal:
    return (point.discharge - point.suction) / BAR_PER_M


def test_flow_head_and_power_obey_the_affinity_laws() -> None:
    point = at((1450.0, 2175.0, 2900.0))
    ratio: NDArray[np.float64] = np.array([0.5, 0.75, 1.0])
    np.testing.assert_allclose(point.flow, point.flow[2] * ratio, rtol=1e-12)
    np.testing.assert_allclose(head(point), head(point)[2] * ratio**2, rtol=1e-12)
    np.testing.assert_allclose(point.shaft_power, point.shaft_power[2] * ratio**3, rtol=1e-12)


def test_the_pump_works_on_its_head_curve() -> None:
    point = at((1800.0, 2400.0, 2900.0))
    ratio = np.array([1800.0, 2400.0, 2900.0]) / RATED_SPEED
    np.testing.assert_allclose(head(point), ratio**2 * SHUTOFF_HEAD - PUMP * point.flow**2, rtol=1e-12)


def test_the_filter_drop_grows_with_the_square_of_flow() -> None:
    point = at((1450.0, 2175.0, 2900.0))
    drop = point.discharge - point.filter_outlet
    np.testing.assert_allclose(drop / point.flow**2, drop[0] / point.flow[0] ** 2, rtol=1e-12)


def test_opening_the_valve_gives_more_flow_against_less_head() -> None:
    closed, opened = at((2900.0,) * 3, valve=0.45), at((2900.0,) * 3, valve=0.8)
    assert (opened.flow > closed.flow).all()
    assert (head(opened) < head(closed)).all()


def test_no_water_is_lost_in_a_sound_circuit() -> None:
    point = at((1800.0, 2400.0, 2900.0))
    np.testing.assert_allclose(point.return_flow, point.flow, rtol=1e-12)


def test_a_leak_loses_what_its_flow_coefficient_says_at_the_pressure_behind_the_filter() -> None:
    point = at((1800.0, 2400.0, 2900.0), replace(SOUND, leak=np.full(3, 1.5)))
    pressure = point.filter_outlet - BAR_PER_M * TANK_LEVEL
    np.testing.assert_allclose(point.flow - point.return_flow, 1.5 * np.sqrt(pressure), rtol=1e-12)


def test_cavitation_never_draws_the_suction_below_vapour_pressure() -> None:
    point = at((1800.0, 2400.0, 2900.0), replace(SOUND, strainer_clogging=np.full(3, 60.0)), valve=0.85)
    assert (point.suction > vapour_pressure(TEMPERATURE) - ATMOSPHERE).all()
    np.testing.assert_allclose(point.suction_margin, 1.0, rtol=1e-9)


@pytest.mark.parametrize(("temperature", "bar"), [(20.0, 0.023388), (40.0, 0.073844), (60.0, 0.199458)])
def test_vapour_pressure_agrees_with_the_steam_tables(temperature: float, bar: float) -> None:
    assert vapour_pressure(np.array([temperature]))[0] == pytest.approx(bar, rel=0.005)
