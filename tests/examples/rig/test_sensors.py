import numpy as np
import pytest

from examples.rig.faults import Fault, FaultName
from examples.rig.sensors import SENSORS, Sensor, read

GAUGE = Sensor("gauge", "bar", 0, 10, resolution=0.005, noise=0.015, relative_noise=0, damping=1)
TRUE = np.linspace(2.0, 6.0, 7200)


def shown(fault: Fault | None = None, sensor: Sensor = GAUGE) -> np.ndarray:
    return read(sensor, TRUE, fault, every=60, rng=np.random.default_rng(0))


def test_a_reading_is_the_true_value_within_noise_in_whole_steps() -> None:
    readings = shown()
    assert readings.size == 120
    assert np.std(readings - TRUE[::60]) == pytest.approx(0.015, rel=0.25)
    np.testing.assert_allclose(readings / 0.005, np.round(readings / 0.005), atol=1e-6)


def test_a_reading_stays_within_what_the_transmitter_can_show() -> None:
    narrow = Sensor("gauge", "bar", 3, 5, 0.005, 0.015, 0, 1)
    assert shown(sensor=narrow).min() == 3
    assert shown(sensor=narrow).max() == 5


def test_a_stuck_sensor_repeats_its_last_good_value() -> None:
    stuck = shown(Fault(FaultName.STUCK_SENSOR, 1.0, start=3600, growth=0, reveals=("gauge",)))
    np.testing.assert_array_equal(stuck[:60], shown()[:60])
    assert (stuck[60:] == stuck[60]).all()


def test_a_drifting_sensor_moves_away_slowly_and_stays_there() -> None:
    drift = shown(Fault(FaultName.DRIFTING_SENSOR, -0.5, start=1800, growth=1800, reveals=("gauge",))) - shown()
    np.testing.assert_allclose(drift[:30], 0)
    np.testing.assert_allclose(drift[45], -0.25, atol=0.006)
    np.testing.assert_allclose(drift[60:], -0.5, atol=0.006)


def test_a_fault_of_one_sensor_leaves_the_others_alone() -> None:
    other = Fault(FaultName.STUCK_SENSOR, 1.0, start=0, growth=0, reveals=("flow", "gauge"))
    np.testing.assert_array_equal(shown(other), shown())


def test_sensor_names_are_unique() -> None:
    assert len({sensor.name for sensor in SENSORS}) == len(SENSORS)
