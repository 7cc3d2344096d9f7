"""``make bench``, or ``python -m benchmarks``: what training, serving and re-scoring cost on this machine.

Each is also a command of its own, as are those about quality, which are only named here: they take longer, or need data.
"""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.machine import this_machine
from benchmarks.rescoring_speed import ROWS, measure_rescoring, show_rescoring
from benchmarks.results import begin, console, write_json
from benchmarks.serving.comparison import compare, own
from benchmarks.serving.contenders import PLUMBLINE
from benchmarks.serving.environments import FOLDER
from benchmarks.serving.kinds import POINTS
from benchmarks.serving.race import Plan
from benchmarks.serving.rivals import BARE, FASTAPI
from benchmarks.serving.tables import show_outcomes
from benchmarks.serving.wrk import require_wrk
from benchmarks.training_speed import measure_training, show_training
from model.boundary import command_boundary

QUALITY = {
    "benchmarks.calibration": "does each threshold rule keep its promise?",
    "benchmarks.contributions": "does the largest contribution name the right sensor?",
    "benchmarks.false_alarms": "is the rate achieved the rate promised, set by set? (--data FOLDER)",
    "benchmarks.images": "are anomalous images told from clean ones, and where in them? (--data FOLDER)",
    "benchmarks.missing": "what do absent values cost?",
    "benchmarks.quality": "how well does it rank, beside everything published? (--data FOLDER)",
    "benchmarks.contamination": "are anomalies among the clean rows found, and does leaving them out pay? (--data FOLDER)",
    "benchmarks.sensor_faults": "is the sensor named that is faulty, in six ways on the simulated rig, by contribution and in full?",
    "benchmarks.root_causes": "do the sensors named lead to the cause? (--data FOLDER)",
    "benchmarks.real_data": "what does it find in real data, and at which false-alarm rate? (--data FOLDER)",
}


def main(out: Annotated[Path | None, typer.Option(help="Write the figures to this JSON file.")] = None) -> None:
    """Measure training, serving and re-scoring, one after the other, with a detector of the simulated rig."""
    with command_boundary(debug=False), tempfile.TemporaryDirectory() as folder:
        require_wrk()
        machine, place = this_machine(), Path(folder)
        begin(machine)
        training, bundle = measure_training(place)
        show_training(training)
        # The rivals that need no environment of their own; all of them: python -m benchmarks.serving --install
        serving = compare({PLUMBLINE: bundle}, (BARE, FASTAPI), FOLDER, Plan(3, 2, POINTS), place)
        show_outcomes(serving)
        own(serving)
        rescoring = measure_rescoring(bundle, place, ROWS)
        show_rescoring(rescoring)
        write_json(out, machine, {"training": training, "serving": serving, "rescoring": rescoring})
    console.print("\nNot speed but quality, each a command of its own:", style="dim")
    for module, question in QUALITY.items():
        console.print(f"  python -m {module:<26} {question}", style="dim")


if __name__ == "__main__":
    typer.run(main)
