import numpy as np
import pytest

from examples.rig.dynamics import Signal
from examples.rig.faults import Fault, FaultName, condition
from examples.rig.load import HOUR, production
from examples.rig.plant import run_plant
from examples.rig.sensors import SENSORS

LOAD = production(0, 4 * HOUR, np.random.default_rng(1))
SOUND = run_plant(LOAD, condition(None, LOAD.clock.size))


def change(name: FaultName, severity: float) -> dict[str, Signal]:
    """What a fault of full severity from the second hour on changes, hour by hour after it, against the sound plant."""
    faulty = run_plant(LOAD, condition(Fault(name, severity, HOUR, 0, ()), LOAD.clock.size))
    assert all(np.array_equal(faulty[sensor][:HOUR], SOUND[sensor][:HOUR]) for sensor in SOUND)
    return {sensor: faulty[sensor][2 * HOUR :] - SOUND[sensor][2 * HOUR :] for sensor in SOUND}


def test_there_is_a_true_value_for_every_sensor_and_it_is_finite() -> None:
    assert list(SOUND) == [sensor.name for sensor in SENSORS]
    assert all(np.isfinite(values).all() for values in SOUND.values())


def test_a_leak_lowers_return_flow_and_the_pressure_behind_the_filter_and_raises_pump_flow() -> None:
    moved = change(FaultName.LEAK, 1.0)
    assert (moved["return_flow"] < 0).all()
    assert (moved["filter_outlet_pressure"] < 0).all()
    assert (moved["flow"] > 0).all()


def test_a_blocked_filter_raises_pressure_before_it_lowers_it_behind_and_throttles_flow() -> None:
    moved = change(FaultName.BLOCKED_FILTER, 1.5)
    assert (moved["discharge_pressure"] > 0).all()
    assert (moved["filter_outlet_pressure"] < 0).all()
    assert (moved["flow"] < 0).all()


def test_bearing_wear_heats_and_shakes_the_bearing_takes_current_and_leaves_the_water_alone() -> None:
    moved = change(FaultName.BEARING_WEAR, 0.5)
    for sensor in ("bearing_temperature", "vibration_radial", "vibration_axial", "motor_current"):
        assert (moved[sensor] > 0).all()
    for sensor in ("flow", "suction_pressure", "discharge_pressure", "fluid_temperature"):
        assert not moved[sensor].any()


def test_a_clogged_strainer_lowers_suction_pressure_and_flow_and_shakes_the_pump_once_it_cavitates() -> None:
    moved = change(FaultName.CAVITATION, 40.0)
    assert (moved["suction_pressure"] < 0).all()
    assert (moved["flow"] < 0).all()
    assert moved["vibration_axial"].max() > 1.0


@pytest.mark.parametrize("name", [FaultName.STUCK_SENSOR, FaultName.DRIFTING_SENSOR])
def test_a_faulty_sensor_does_nothing_to_the_plant(name: FaultName) -> None:
    assert not any(values.any() for values in change(name, 2.0).values())
