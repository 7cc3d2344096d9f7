"""Do the sensors named lead to the cause? Faults of the Tennessee Eastman process whose causes are known.

``python -m benchmarks.root_causes --data FOLDER``

Trained on ``d00.dat`` as ``benchmarks.real_data`` does it, by ``plumbline-train``. The causes are no sensors: each is a
disturbance of the plant, seen where the plant first answers to it, and later where its controllers do. The tables list
the variables named first most often, in the first alarms of each fault and in all of them.
"""

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks.errors import MeasurementError
from benchmarks.real_data import tep
from benchmarks.results import show
from model.boundary import command_boundary
from model.bundle import read_bundle
from model.scorer import ANOMALY, Scorer

Array = NDArray[np.float64]

# What is disturbed (Downs and Vogel 1993), and the variables measured or manipulated where that acts on the plant.
CAUSES = {
    1: ("A/C feed ratio", ("xmeas_1", "xmeas_4", "xmv_3", "xmv_4", "xmeas_23", "xmeas_25")),
    4: ("reactor cooling water", ("xmv_10", "xmeas_9", "xmeas_21")),
    5: ("condenser cooling water", ("xmv_11", "xmeas_11", "xmeas_22")),
    6: ("loss of A feed", ("xmeas_1", "xmv_3")),
    10: ("C feed temperature", ("xmeas_18", "xmeas_19", "xmv_9")),
}
FIRST = 10  # alarms
IN_FULL = 40  # alarms explained in full, evenly spread over all of a fault's
NAMED = 3


@dataclass(frozen=True)
class Named:
    """Who comes first in alarms [A], by contribution and by fall; how many readings are put right, and if they suffice."""

    contribution: list[int]
    fall: list[int]
    put_right: list[int]
    sufficient: list[bool]


def explained(scorer: Scorer, rows: Array) -> Named:
    """Name the features of ``rows`` [A, F], all of them alarms."""
    if scorer.explainer is None:
        raise MeasurementError("this bundle keeps nothing to explain samples in full with")
    found = [scorer.explainer.explain(row) for row in rows]
    return Named(
        scorer.explain(rows).contribution.argmax(axis=1).tolist(),
        [one.readings[0].feature for one in found],
        [len(one.put_right) for one in found],
        [one.score_put_right <= scorer.manifest.threshold.value for one in found],
    )


def most_named(named: Sequence[int], names: Sequence[str], expected: Sequence[str]) -> str:
    """List the features named most often with their shares; those of the cause's place are marked with a star."""
    listed = []
    for feature, count in Counter(named).most_common(NAMED):
        star = "*" if names[feature] in expected else ""
        listed.append(f"{names[feature]}{star} {count / len(named):.0%}")
    return ", ".join(listed)


def main(data: Annotated[Path, typer.Option(help="The folder with tep/.")]) -> None:
    """Compare the sensors named with the known causes of faults of the Tennessee Eastman process."""
    with command_boundary(debug=False), tempfile.TemporaryDirectory() as folder:
        tep.train_tep(data, Path(folder), Path(folder) / "models")
        scorer = Scorer(read_bundle(Path(folder) / "models" / tep.NAME / "1"))
        first: list[tuple[str, ...]] = []
        overall: list[tuple[str, ...]] = []
        for fault, (cause, place) in CAUSES.items():
            rows = tep.recording(data / f"tep/d{fault:02}_te.dat")[tep.NORMAL_ROWS :]
            rows = rows[:, [tep.VARIABLES.index(name) for name in scorer.spec.names]]
            alarms = np.flatnonzero(scorer.score(rows).verdict == ANOMALY)
            spread = alarms[np.linspace(0, alarms.size - 1, min(IN_FULL, alarms.size)).astype(int)]
            for chosen, table in ((alarms[:FIRST], first), (spread, overall)):
                named = explained(scorer, rows[chosen])
                shares = (most_named(who, scorer.spec.names, place) for who in (named.contribution, named.fall))
                enough = f"{np.median(named.put_right):g} ({np.mean(named.sufficient):.0%})"
                table.append((f"{fault} {cause}", *shares, enough))
        headings = ("fault", "first by contribution", "first by fall", "put right")
        note = "* at the place of the cause; 'put right': median number of readings (share of alarms in which they suffice)"
        show(f"TEP: who is named in the first {FIRST} alarms", headings, first, note)
        show(f"TEP: who is named in {IN_FULL} alarms from the first to the last", headings, overall, note)


if __name__ == "__main__":
    typer.run(main)
