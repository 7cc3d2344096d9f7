"""What the historian keeps: one row for every two minutes of a simulated run. S: logged samples, F: sensors."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from examples.rig.faults import Fault, FaultName, condition
from examples.rig.load import DAY, HOUR, production
from examples.rig.plant import run_plant
from examples.rig.sensors import SENSORS, read

EVERY = 120  # s between logged rows
WARM_UP = 2 * HOUR  # simulated but not logged, until temperatures have settled
WEEK, WORKING_WEEK = 7 * DAY, 5 * DAY
CLEAN_TEST = 3 * DAY
EPISODE, ONSET = 12 * HOUR, 6 * HOUR
EPISODE_INTERVAL = 28 * HOUR  # so that episodes begin at different times of day

FAULTS = (
    Fault(FaultName.LEAK, 1.0, ONSET, 2 * HOUR, ("return_flow", "flow")),
    Fault(FaultName.BLOCKED_FILTER, 1.8, ONSET, 2 * HOUR, ("filter_outlet_pressure", "discharge_pressure")),
    Fault(FaultName.BEARING_WEAR, 0.4, ONSET, 2 * HOUR, ("vibration_radial", "vibration_axial", "bearing_temperature")),
    Fault(FaultName.CAVITATION, 24.0, ONSET, 2 * HOUR, ("suction_pressure", "vibration_axial", "vibration_radial")),
    Fault(FaultName.STUCK_SENSOR, 1.0, ONSET, 0, ("discharge_pressure",)),
    Fault(FaultName.DRIFTING_SENSOR, -2.0, ONSET, 4 * HOUR, ("flow",)),
)
SOUND = "none"  # the fault of a row without one


@dataclass(frozen=True)
class Recording:
    """Logged rows: ``time`` [S] in seconds since midnight of the first day, ``values`` [S, F] and ``fault`` [S]."""

    time: NDArray[np.int64]
    values: NDArray[np.float64]
    fault: NDArray[np.str_]

    @property
    def anomalous(self) -> NDArray[np.bool_]:
        return np.asarray(self.fault != SOUND)


def record(start: int, seconds: int, rng: np.random.Generator, fault: Fault | None = None) -> Recording:
    """Run the rig for ``seconds`` from ``start`` seconds after midnight; the fault's own start counts from there."""
    load = production(start - WARM_UP, WARM_UP + seconds, rng)
    late = None if fault is None else replace(fault, start=fault.start + WARM_UP)
    truth = run_plant(load, condition(late, load.clock.size))
    values = np.column_stack([read(sensor, truth[sensor.name], late, EVERY, rng) for sensor in SENSORS])
    kept = slice(WARM_UP // EVERY, None)
    time = load.clock[::EVERY][kept].astype(np.int64)
    faulty = np.full(time.size, False) if fault is None else time >= start + fault.start
    return Recording(time, values[kept], np.where(faulty, fault.name.value if fault else SOUND, SOUND))


def clean_recording(weeks: int, seed: int) -> Recording:
    """Record ``weeks`` of sound production, Monday to Friday."""
    return _joined([record(week * WEEK, WORKING_WEEK, np.random.default_rng([seed, 0, week])) for week in range(weeks)])


def labelled_recording(start: int, seed: int) -> Recording:
    """Record some sound days from ``start`` and, a week later, an episode of every fault; each begins sound."""
    sound = record(start, CLEAN_TEST, np.random.default_rng([seed, 1]))
    episodes = [
        record(start + WEEK + number * EPISODE_INTERVAL, EPISODE, np.random.default_rng([seed, 2, number]), fault)
        for number, fault in enumerate(FAULTS)
    ]
    return _joined([sound, *episodes])


def _joined(parts: list[Recording]) -> Recording:
    return Recording(
        np.concatenate([part.time for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.fault for part in parts]),
    )
