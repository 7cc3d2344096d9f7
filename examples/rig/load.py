"""What is asked of the rig: speed, valve opening and process heat by production shift, and the weather around it."""

from dataclasses import dataclass

import numpy as np

from examples.rig.dynamics import Signal, lagged, wandering

HOUR, DAY = 3600, 86400
SPEED = (1750.0, 2950.0)  # rpm
VALVE = (0.40, 0.85)  # opening, fraction of the stroke
HEAT = (60e3, 240e3)  # W
DRIVE_RATE = 5.0  # rpm/s, the drive's acceleration limit
VALVE_RATE = 0.005  # strokes per second
HOLD = (360.0, 1500.0)  # s between changes of load
SLOW_RAMP = (120.0, 600.0)  # s


@dataclass(frozen=True)
class Load:
    """Inputs of the plant, each [T], one value a second."""

    clock: Signal  # s since midnight of the first day
    speed: Signal  # rpm
    valve: Signal  # opening, fraction of the stroke
    heat: Signal  # W from the process into the fluid
    ambient: Signal  # degC around motor and bearing
    cooling_water: Signal  # degC at the cooler's cold inlet


def production(start: float, seconds: int, rng: np.random.Generator) -> Load:
    """Draw ``seconds`` of production from ``start`` seconds after midnight: steps, slow ramps, day and night."""
    clock = start + np.arange(seconds, dtype=np.float64)
    changes = np.cumsum(rng.uniform(*HOLD, size=int(seconds / HOLD[0]) + 2))
    level = rng.uniform(size=changes.size)  # how busy the process is
    speeds = _between(SPEED, np.clip(level + rng.normal(0, 0.15, changes.size), 0, 1))
    valves = _between(VALVE, rng.uniform(size=changes.size))
    heats = _between(HEAT, np.clip(level + rng.normal(0, 0.25, changes.size), 0, 1))
    slow = np.where(rng.uniform(size=changes.size) < 0.4, rng.uniform(*SLOW_RAMP, size=changes.size), 0.0)

    ambient = 22 - 4 * np.cos(2 * np.pi * (clock / DAY - 3 / 24)) + wandering(seconds, 0.8, 6 * HOUR, rng)
    heat = lagged(_ramped(changes, heats, slow, 2e3, seconds), 120)
    valve = _ramped(changes, valves, slow, VALVE_RATE, seconds)
    return Load(
        clock=clock,
        speed=_ramped(changes, speeds, slow, DRIVE_RATE, seconds) + wandering(seconds, 1.5, 5, rng),
        valve=valve + wandering(seconds, 0.002, 20, rng),  # the positioner hunts a little
        heat=heat * (1 + wandering(seconds, 0.03, 300, rng)),
        ambient=ambient,
        # A cooling tower: its water follows the weather and warms with the heat it is given.
        cooling_water=lagged(9 + 0.55 * ambient + 1.2e-5 * heat, 900),
    )


def _between(limits: tuple[float, float], share: Signal) -> Signal:
    return limits[0] + (limits[1] - limits[0]) * share


def _ramped(changes: Signal, levels: Signal, slow: Signal, fastest: float, seconds: int) -> Signal:
    """Hold each level until the next change, then ramp: over ``slow`` seconds, or as fast as the actuator can."""
    before = np.concatenate([levels[:1], levels[:-1]])
    ramp = np.maximum(slow, np.abs(levels - before) / fastest)
    times = np.stack([changes, changes + ramp], axis=1).ravel()
    held = np.stack([before, levels], axis=1).ravel()
    return np.asarray(np.interp(np.arange(seconds), times, held), dtype=np.float64)
