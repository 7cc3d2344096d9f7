import numpy as np

from examples.rig.load import DRIVE_RATE, HOUR, SPEED, VALVE, production


def test_every_working_day_spans_the_load_range() -> None:
    load = production(0, 24 * HOUR, np.random.default_rng(3))
    assert np.ptp(load.speed) > 0.9 * (SPEED[1] - SPEED[0])
    assert np.ptp(load.valve) > 0.8 * (VALVE[1] - VALVE[0])


def test_speed_changes_no_faster_than_the_drive_allows() -> None:
    load = production(0, 12 * HOUR, np.random.default_rng(0))
    over_a_minute = np.abs(load.speed[60:] - load.speed[:-60])
    assert over_a_minute.max() < 60 * DRIVE_RATE + 15  # 15 rpm: the drive's own wander


def test_afternoons_are_warmer_than_nights() -> None:
    load = production(0, 5 * 24 * HOUR, np.random.default_rng(0))
    hour = load.clock / HOUR % 24
    assert load.ambient[(hour > 14) & (hour < 16)].mean() - load.ambient[(hour > 2) & (hour < 4)].mean() > 6


def test_load_follows_from_the_seed() -> None:
    first, again = (production(0, HOUR, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first.speed, again.speed)
    assert not np.array_equal(first.speed, production(0, HOUR, np.random.default_rng(6)).speed)
