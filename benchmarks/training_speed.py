"""What a training run costs: ``python -m benchmarks.training_speed``.

One run of ``plumbline-train`` on the simulated rig, timed from outside: a stage ends where the command says so in its log.
"""

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.errors import MeasurementError
from benchmarks.machine import this_machine
from benchmarks.process import Run
from benchmarks.results import begin, show, write_json
from benchmarks.rig_bundle import train_rig
from model.boundary import command_boundary
from model.bundle import MANIFEST
from model.manifest import Training, parse_manifest
from training.config import TrainingConfig
from training.fit import MINIMUM_EPOCH_STEPS

END_OF_READING, END_OF_GATE, END_OF_REPORT = " clean rows of ", " parity: ", " bundle: "


@dataclass(frozen=True)
class TrainingSpeed:
    """Wall-clock seconds by stage, CPU seconds and peak resident memory of all of them together."""

    rows: int
    features: int
    steps: int
    start_and_read_seconds: float
    fit_seconds: float
    export_and_certify_seconds: float
    report_and_bundle_seconds: float
    end_seconds: float
    seconds: float
    cpu_seconds: float
    peak_mib: float

    @property
    def step_ms(self) -> float:
        """Milliseconds per optimiser step, the validation of each epoch included."""
        return 1e3 * self.fit_seconds / self.steps


def measure_training(folder: Path) -> tuple[TrainingSpeed, Path]:
    """Train on the rig below ``folder``; returns what it cost, and the bundle.

    Raises:
        MeasurementError: the run failed.
    """
    run, bundle = train_rig(folder)
    manifest = parse_manifest((bundle / MANIFEST).read_bytes(), str(bundle / MANIFEST))
    read, gate, report = (_end_of(stage, run) for stage in (END_OF_READING, END_OF_GATE, END_OF_REPORT))
    fit = manifest.training.metrics["training_seconds"]
    speed = TrainingSpeed(
        rows=sum(manifest.training.rows.values()),
        features=len(manifest.features),
        steps=optimiser_steps(manifest.training),
        start_and_read_seconds=read,
        fit_seconds=fit,
        export_and_certify_seconds=gate - read - fit,
        report_and_bundle_seconds=report - gate,
        end_seconds=run.seconds - report,
        seconds=run.seconds,
        cpu_seconds=run.cpu_seconds,
        peak_mib=run.peak_mib,
    )
    return speed, bundle


def optimiser_steps(training: Training) -> int:
    """Count the steps that a run took, from its manifest."""
    fit = TrainingConfig.model_validate(training.config).fit
    passes = max(math.ceil(training.rows["train"] / fit.batch_size), MINIMUM_EPOCH_STEPS)
    return int(training.metrics["epochs"]) * min(passes, fit.steps)


def show_training(speed: TrainingSpeed) -> None:
    stages = {
        "start, read, split": speed.start_and_read_seconds,
        f"fit: {speed.steps:,} steps of {speed.step_ms:.2f} ms": speed.fit_seconds,
        "export, calibrate, certify": speed.export_and_certify_seconds,
        "report, bundle": speed.report_and_bundle_seconds,
        "end of the process": speed.end_seconds,
        "all of it": speed.seconds,
        "CPU time of all of it": speed.cpu_seconds,
    }
    show(
        f"plumbline-train on the rig: {speed.rows:,} rows of {speed.features} features",
        ("stage", "seconds"),
        [(stage, f"{seconds:.1f}") for stage, seconds in stages.items()],
        f"peak resident memory: {speed.peak_mib:,.0f} MiB",
    )


def _end_of(stage: str, run: Run) -> float:
    ends = [line.seconds for line in run.lines if stage in line.text]
    if not ends:
        raise MeasurementError(f"plumbline-train did not say '{stage.strip()}', where a stage ends")
    return ends[-1]


def main(out: Annotated[Path | None, typer.Option(help="Write the figures to this JSON file.")] = None) -> None:
    """Measure a training run on the simulated rig: seconds by stage, peak memory, milliseconds per step."""
    with command_boundary(debug=False), tempfile.TemporaryDirectory() as folder:
        machine = this_machine()
        begin(machine)
        speed, _ = measure_training(Path(folder))
        show_training(speed)
        write_json(out, machine, {"training": speed})


if __name__ == "__main__":
    typer.run(main)
