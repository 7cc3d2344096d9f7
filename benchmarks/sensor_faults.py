"""Is the sensor named that is faulty? Six kinds of sensor fault on the simulated rig, by contribution and in full.

``python -m benchmarks.sensor_faults [--bundle DIR]``

A detector of the rig is trained by ``plumbline-train``, unless a bundle of it is given. Every sensor of further sound
production is made faulty, in every way and size. Of the rows that raise an alarm, and did not before, the table says how
often the faulty sensor comes first: by its contribution, by how far the score falls with it put right, and as the only
one to be put right; and how often the interval of the imputed reading holds what the sensor would have read.
"""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks.errors import MeasurementError
from benchmarks.results import show
from benchmarks.rig_bundle import train_rig
from examples.rig.recording import clean_recording
from examples.rig.sensors import SENSORS
from model.boundary import command_boundary
from model.bundle import read_bundle
from model.scorer import ANOMALY, Scorer
from training.faults import FaultKind, inject

Array = NDArray[np.float64]

FRESH_SEED = 100  # the detector's own weeks have seed 0
ROWS = 12  # for each sensor, kind and size
FAULTS: tuple[tuple[FaultKind, float], ...] = (
    ("bias", 1), ("bias", 2), ("bias", 4), ("bias", 8), ("drift", 4), ("stuck", 2), ("stuck", 4), ("noise", 2),
    ("noise", 4), ("gain", 1), ("gain", 2), ("decorrelation", 1),
)  # fmt: skip


@dataclass(frozen=True)
class Naming:
    """What became of ``rows`` faulty rows of one kind; of the ``alarms`` [A, 4], what was right, see ``RIGHT``."""

    title: str
    rows: int
    alarms: NDArray[np.bool_]

    def cells(self) -> tuple[str, ...]:
        right = (f"{share:.1%}" for share in self.alarms.mean(axis=0))
        return (self.title, f"{self.rows:,}", f"{len(self.alarms) / self.rows:.1%}", *right)


RIGHT = ("first by contribution", "first by fall", "alone put right", "interval holds")


def name_faults(scorer: Scorer, clean: Array, kind: FaultKind, size: float, rng: np.random.Generator) -> Naming:
    """Make each sensor of ``clean`` [N, F] rows faulty, which raise no alarm themselves, and see who is named."""
    if scorer.explainer is None:
        raise MeasurementError("this bundle keeps nothing to explain samples in full with")
    rows, alarms = 0, []
    for feature in range(clean.shape[1]):
        signed = size if kind in ("noise", "gain", "decorrelation") else size * rng.choice([-1, 1])
        chosen = rng.permutation(len(clean))[:ROWS]
        faulty = inject(clean, feature, kind, signed, rng)[chosen]
        verdict = scorer.score(faulty).verdict
        rows += len(faulty)
        for sample, true in zip(faulty[verdict == ANOMALY], clean[chosen][verdict == ANOMALY], strict=True):
            found = scorer.explainer.explain(sample)
            contributes_most = int(scorer.explain(sample[None]).contribution[0].argmax())
            interval = next((reading.interval for reading in found.readings if reading.feature == feature), None)
            held = interval is not None and interval[0] <= true[feature] <= interval[1]
            named = (contributes_most, found.readings[0].feature)
            alarms.append([*(name == feature for name in named), list(found.put_right) == [feature], held])
    return Naming(f"{kind}, {size:g}", rows, np.array(alarms, dtype=bool).reshape(-1, len(RIGHT)))


def together(namings: Iterable[Naming]) -> Naming:
    """Count every fault that raised an alarm once."""
    all_of = list(namings)
    return Naming("all", sum(one.rows for one in all_of), np.vstack([one.alarms for one in all_of]))


def main(
    bundle: Annotated[Path | None, typer.Option(help="A bundle of the rig; without it, one is trained.")] = None,
) -> None:
    """See whether the faulty sensor is named, for six kinds of fault on the simulated rig."""
    with command_boundary(debug=False), tempfile.TemporaryDirectory() as folder:
        scorer = Scorer(read_bundle(bundle or train_rig(Path(folder))[1]))
        recorded = clean_recording(1, FRESH_SEED).values
        columns = [[sensor.name for sensor in SENSORS].index(name) for name in scorer.spec.names]
        clean = recorded[:, columns]
        clean = clean[scorer.score(clean).verdict != ANOMALY]
        rng = np.random.default_rng(0)
        namings = [name_faults(scorer, clean, kind, size, rng) for kind, size in FAULTS]
        show(
            "Sensor faults on the rig: of the alarms they raise, in which the faulty sensor is",
            ("fault, size", "rows", "raise an alarm", *RIGHT),
            [naming.cells() for naming in [*namings, together(namings)]],
        )


if __name__ == "__main__":
    typer.run(main)
