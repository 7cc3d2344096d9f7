import numpy as np
import pytest

from examples.rig.faults import Fault
from examples.rig.load import HOUR
from examples.rig.recording import EVERY, FAULTS, SOUND, clean_recording, labelled_recording, record
from examples.rig.sensors import SENSORS

CLEAN = clean_recording(weeks=1, seed=0)
COLUMN = {sensor.name: CLEAN.values[:, index] for index, sensor in enumerate(SENSORS)}


def test_the_same_seed_gives_the_same_record_and_another_gives_another() -> None:
    first, again, other = (record(0, 6 * HOUR, np.random.default_rng(seed)) for seed in (4, 4, 5))
    np.testing.assert_array_equal(first.values, again.values)
    assert not np.array_equal(first.values, other.values)


def test_a_longer_record_begins_with_the_shorter_one() -> None:
    np.testing.assert_array_equal(clean_recording(2, seed=0).values[: len(CLEAN.values)], CLEAN.values)


def test_clean_readings_are_finite_and_well_within_their_ranges() -> None:
    lows, highs = (np.array([getattr(sensor, end) for sensor in SENSORS]) for end in ("low", "high"))
    assert np.isfinite(CLEAN.values).all()
    margin = 0.01 * (highs - lows)
    assert (CLEAN.values > lows + margin).all()
    assert (CLEAN.values < highs - margin).all()


def test_clean_flows_agree_within_the_meters_noise() -> None:
    apart = COLUMN["flow"] - COLUMN["return_flow"]
    assert abs(apart.mean()) < 0.02
    assert np.abs(apart).max() < 1.2


def test_clean_pressure_falls_through_the_filter_with_the_square_of_flow() -> None:
    drop = COLUMN["discharge_pressure"] - COLUMN["filter_outlet_pressure"]
    coefficient = np.polyfit(COLUMN["flow"] ** 2, drop, 1)[0]
    noise_of_two_gauges = 0.015 * np.sqrt(2)
    assert np.std(drop - coefficient * COLUMN["flow"] ** 2) < 1.2 * noise_of_two_gauges < 0.3 * drop.std()


def test_clean_current_follows_the_hydraulic_work_per_turn() -> None:
    work = (COLUMN["discharge_pressure"] - COLUMN["suction_pressure"]) * COLUMN["flow"] / COLUMN["speed"]
    assert np.corrcoef(work, COLUMN["motor_current"])[0, 1] > 0.97


def test_what_the_cooler_takes_lies_between_fluid_and_cooling_water() -> None:
    noise = 0.6
    assert (COLUMN["cooler_outlet_temperature"] < COLUMN["fluid_temperature"] + noise).all()
    assert (COLUMN["cooler_outlet_temperature"] > COLUMN["cooling_water_temperature"] - noise).all()


def test_the_labelled_record_holds_every_fault_and_mostly_sound_rows_in_time_order() -> None:
    labelled = labelled_recording(0, seed=0)
    assert set(labelled.fault.tolist()) == {SOUND, *(fault.name.value for fault in FAULTS)}
    assert (np.diff(labelled.time) >= EVERY).all()
    assert 0.1 < labelled.anomalous.mean() < 0.5
    assert np.isfinite(labelled.values).all()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.value)
def test_a_fault_moves_a_sensor_it_acts_on_far_beyond_noise_and_nothing_before_it_starts(fault: Fault) -> None:
    sound = record(0, 12 * HOUR, np.random.default_rng(9))
    faulty = record(0, 12 * HOUR, np.random.default_rng(9), fault)
    np.testing.assert_array_equal(faulty.values[~faulty.anomalous], sound.values[~faulty.anomalous])
    apart = np.median(np.abs(faulty.values - sound.values)[faulty.anomalous], axis=0)
    noise = [s.noise + s.relative_noise * level for s, level in zip(SENSORS, sound.values.mean(axis=0), strict=True)]
    acted_on = [index for index, sensor in enumerate(SENSORS) if sensor.name in fault.reveals]
    assert (apart / noise)[acted_on].max() > 3
