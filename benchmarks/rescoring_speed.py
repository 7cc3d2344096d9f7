"""What re-scoring files costs: ``python -m benchmarks.rescoring_speed``.

One CSV and one Parquet file of the same rows, made in a temporary folder, each through ``plumbline-rescore``.
"""

import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import typer
from pyarrow import csv, parquet

from benchmarks.clean_samples import clean_samples
from benchmarks.errors import MeasurementError
from benchmarks.machine import this_machine
from benchmarks.process import Run, require_success, run, script
from benchmarks.results import begin, show, write_json
from benchmarks.rig_bundle import train_rig
from model.boundary import command_boundary
from model.bundle import read_bundle

ROWS, ROUNDS = 500_000, 3
MIB = 1 << 20


@dataclass(frozen=True)
class RescoringSpeed:
    """One file re-scored, medians over rounds: seconds and CPU seconds of the whole command, peak resident memory."""

    file: str
    file_mib: float
    rows: int
    features: int
    seconds: float
    cpu_seconds: float
    peak_mib: float

    @property
    def rate(self) -> float:
        """Rows per second, the start of the command included."""
        return self.rows / self.seconds


def measure_rescoring(bundle: Path, folder: Path, rows: int) -> list[RescoringSpeed]:
    """Re-score both files, made in ``folder``, with the detector in ``bundle``.

    Raises:
        MeasurementError: a run failed, or lost rows.
    """
    files = _write_files(bundle, folder, rows)
    features = len(read_bundle(bundle).manifest.features)
    measured: dict[Path, list[Run]] = {file: [] for file in files}
    for number in range(ROUNDS):
        for file, runs in measured.items():
            runs.append(_rescore(file, bundle, folder / f"rescored-{number}", rows))
    return [
        RescoringSpeed(
            file=file.suffix[1:],
            file_mib=file.stat().st_size / MIB,
            rows=rows,
            features=features,
            seconds=statistics.median(run.seconds for run in runs),
            cpu_seconds=statistics.median(run.cpu_seconds for run in runs),
            peak_mib=statistics.median(run.peak_mib for run in runs),
        )
        for file, runs in measured.items()
    ]


def show_rescoring(measured: Sequence[RescoringSpeed]) -> None:
    show(
        f"plumbline-rescore: {measured[0].rows:,} rows of {measured[0].features} features, medians of {ROUNDS} rounds",
        ("input", "MiB", "rows/s", "seconds", "CPU seconds", "peak memory, MiB"),
        [
            (
                speed.file,
                f"{speed.file_mib:.0f}",
                f"{speed.rate:,.0f}",
                f"{speed.seconds:.1f}",
                f"{speed.cpu_seconds:.1f}",
                f"{speed.peak_mib:.0f}",
            )
            for speed in measured
        ],
        "the start of the command is counted too",
    )


def _write_files(bundle: Path, folder: Path, rows: int) -> tuple[Path, Path]:
    detector = read_bundle(bundle)
    names = detector.manifest.feature_spec.names
    columns = clean_samples(detector, rows).T
    table = pa.table({"row": pa.array(range(rows)), **dict(zip(names, columns, strict=True))})
    as_csv, as_parquet = folder / "rows.csv", folder / "rows.parquet"
    csv.write_csv(table, as_csv)
    parquet.write_table(table, as_parquet)
    return as_csv, as_parquet


def _rescore(file: Path, bundle: Path, out: Path, rows: int) -> Run:
    command = [script("plumbline-rescore"), str(file), "--bundle", str(bundle), "--out", str(out)]
    finished = run(command)
    require_success(finished, "plumbline-rescore")
    verdicts = parquet.read_table(out / f"{file.name}.parquet", columns=["verdict"])["verdict"]
    if len(verdicts) != rows or "invalid" in verdicts.unique().to_pylist():
        raise MeasurementError(
            f"plumbline-rescore judged {len(verdicts):,} of {rows:,} valid rows, some of them invalid"
        )
    return finished


def main(
    bundle: Annotated[Path | None, typer.Option(help="The bundle that judges; without it, one is trained.")] = None,
    rows: Annotated[int, typer.Option(min=1, help="Rows of each file.")] = ROWS,
    out: Annotated[Path | None, typer.Option(help="Write the figures to this JSON file.")] = None,
) -> None:
    """Measure re-scoring: rows per second and peak memory, from CSV and from Parquet."""
    with command_boundary(debug=False), tempfile.TemporaryDirectory() as folder:
        machine = this_machine()
        begin(machine)
        measured = measure_rescoring(bundle or train_rig(Path(folder))[1], Path(folder), rows)
        show_rescoring(measured)
        write_json(out, machine, {"rescoring": measured})


if __name__ == "__main__":
    typer.run(main)
