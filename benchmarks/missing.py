"""What absent values cost: false alarms and detection on the simulated rig with 0, 1, 3 and 7 of 14 readings hidden.

``python -m benchmarks.missing [--bundle models/rig/1]``

Without a bundle one is trained by ``plumbline-train --missing allow``. Readings are hidden at random in labelled recordings
of the rig; each row is tried several times, and the detector's own threshold decides.
"""

import tempfile
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.machine import this_machine
from benchmarks.results import begin, show
from benchmarks.rig_bundle import WEEKS, train_rig
from examples.rig.recording import WEEK, labelled_recording
from model.boundary import command_boundary
from model.bundle import read_bundle
from model.scorer import INVALID, Scorer
from training.absence_rates import without
from training.evaluate import Evaluation, evaluate

ABSENT = (0, 1, 3, 7)
SEEDS, REPEATS = (0, 1, 2), 5


def measure_missing(bundle: Path) -> dict[int, Evaluation]:
    """Judge labelled rows with so many readings hidden as the bundle allows."""
    scorer = Scorer(read_bundle(bundle))
    recordings = [labelled_recording(WEEKS * WEEK, seed) for seed in SEEDS]
    rows = np.vstack([recording.values for recording in recordings])
    anomalous = np.concatenate([recording.anomalous for recording in recordings])
    measured = {}
    for count in ABSENT:
        if count > scorer.spec.most_absent:
            break
        repeats = REPEATS if count else 1
        judged = scorer.score(without(np.tile(rows, (repeats, 1)), count, np.random.default_rng(count)))
        valid = judged.verdict != INVALID
        labels = np.tile(anomalous, repeats)
        measured[count] = evaluate(judged.score[valid], labels[valid], scorer.manifest.threshold.value)
    return measured


def main(bundle: Annotated[Path | None, typer.Option(help="A bundle of the rig, else one is trained.")] = None) -> None:
    """Print false-alarm rate, detection rate and AUROC by the number of readings absent."""
    with command_boundary(debug=False), tempfile.TemporaryDirectory() as folder:
        begin(this_machine())
        measured = measure_missing(bundle or train_rig(Path(folder), "--missing", "allow")[1])
    rows = [
        (str(count), f"{of.false_alarm_rate:.2%}", f"{of.detection_rate:.1%}", f"{of.auroc or 0:.3f}")
        for count, of in measured.items()
    ]
    show("Rig, 1 % false alarms promised", ("readings absent, of 14", "false alarms", "detected", "AUROC"), rows)


if __name__ == "__main__":
    typer.run(main)
