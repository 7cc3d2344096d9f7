"""Ranking quality under the published one-class protocol: ``python -m benchmarks.quality --data FOLDER``.

FOLDER holds ``tabular/NN_name.npz`` (``X``, ``y``) and, where there are any, published figures in
``published/adbench_one_class_auroc.csv``. ``docs/quality.md`` describes the protocol.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.errors import MeasurementError
from benchmarks.machine import this_machine
from benchmarks.quality.jobs import OURS, Failure, Job, plan_jobs, run_jobs
from benchmarks.quality.plot import plot_auroc
from benchmarks.quality.protocol import SEEDS
from benchmarks.quality.published import read_published
from benchmarks.quality.results_file import Key, Result, ResultsFile, open_results, still_valid
from benchmarks.quality.sets import find_sets, read_set
from benchmarks.quality.summary import Summary
from benchmarks.quality.tables import show_summary
from benchmarks.results import begin, console
from model.boundary import command_boundary
from model.errors import InputError
from training.config import TrainingConfig
from training.config_file import load_config

CORES = len(os.sched_getaffinity(0))


def main(
    data: Annotated[Path, typer.Option(help="The folder with tabular/ and, if there are any, published/ figures.")],
    out: Annotated[Path, typer.Option(help="Keep results here; a later run measures only what is missing.")] = Path(
        "build/quality"
    ),
    sets: Annotated[str, typer.Option(help="Only these sets: names, with commas between.")] = "",
    seeds: Annotated[str, typer.Option(help="Only these seeds: numbers, with commas between.")] = ",".join(
        map(str, SEEDS)
    ),
    config: Annotated[Path | None, typer.Option(help="Train with this TOML file in place of the defaults.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes at work, each on one core.")] = CORES,
    plot: Annotated[
        Path | None, typer.Option(help="Draw to this file (.png, .svg); otherwise quality.png in --out.")
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Measure Plumbline and four baselines on every set and seed, and show them beside the published figures."""
    with command_boundary(debug=debug):
        begin(this_machine())
        published = read_published(data)
        chosen = _chosen_sets(find_sets(data), sets)
        read = {name: read_set(file) for name, file in chosen.items()}
        jobs = plan_jobs(chosen, read, _chosen_seeds(seeds), _config(config))
        with open_results(out) as file:
            try:
                results, failures = _measure(jobs, file, workers)
            except KeyboardInterrupt as interrupt:
                raise KeyboardInterrupt(
                    f"{file.path} keeps what was measured; the same command goes on from there"
                ) from interrupt
        summary = Summary.of(results)
        show_summary(summary, {name: len(one.x) for name, one in read.items()}, published)
        picture = plot or out / "quality.png"
        plot_auroc(summary, list(read), published, picture)
        console.print(f"\n{file.path}\n{picture}", style="dim")
        if failures:
            raise MeasurementError(
                f"{len(failures)} of {len(jobs)} measurements failed; the first: {_told(failures[0])}"
            )


def _measure(jobs: Mapping[Key, Job], file: ResultsFile, workers: int) -> tuple[list[Result], list[Failure]]:
    """Run what has no result that holds, and keep each result as it comes."""
    valid, stale = still_valid(file.read(), {key: job.provenance for key, job in jobs.items()})
    for (method, changed), count in stale.items():
        console.print(
            f"{file.path}: {count} of {method}'s results no longer hold ({', '.join(changed)} changed) and are measured again",
            style="yellow", soft_wrap=True,
        )  # fmt: skip
    missing = [job for key, job in jobs.items() if key not in valid]
    if valid:
        console.print(
            f"{file.path}: {len(valid)} of {len(jobs)} results are there already", style="dim", soft_wrap=True
        )
    failures: list[Failure] = []
    columns = (
        TextColumn("measure"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=len(missing))
        for outcome in run_jobs(missing, workers):
            if isinstance(outcome, Failure):
                failures.append(outcome)
                console.print(f"failed: {_told(outcome)}", style="red", soft_wrap=True)
            else:
                file.append(outcome)
                valid[outcome.key] = outcome
                progress.update(task, description=_told(outcome))
                if not console.is_terminal and outcome.key.method == OURS:
                    console.print(f"{len(valid)} of {len(jobs)}: {_told(outcome)}")
            progress.advance(task)
    return list(valid.values()), failures


def _told(outcome: Result | Failure) -> str:
    name, variant, method, seed = outcome.key
    place = f"{method} on {name}{', honest' if variant == 'honest' else ''}, seed {seed}"
    if isinstance(outcome, Failure):
        return f"{place}: {outcome.reason}"
    return f"{place}: AUROC {100 * outcome.measures.auroc:.2f} in {outcome.seconds:.1f} s"


def _config(file: Path | None) -> TrainingConfig:
    return load_config(file, {"split.by": "random", "data.constant": "drop", "data.duplicate": "drop", "seed": 0})


def _chosen_sets(found: Mapping[str, Path], wanted: str) -> dict[str, Path]:
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    unknown = [name for name in names if name not in found]
    if unknown:
        raise InputError(f"--sets: there is no set {unknown[0]}; there are {', '.join(found)}")
    return {name: file for name, file in found.items() if not names or name in names}


def _chosen_seeds(wanted: str) -> list[int]:
    words = [word.strip() for word in wanted.split(",") if word.strip()]
    if not words or not all(word.isdecimal() and int(word) < 2**32 for word in words):
        raise InputError(f"--seeds: expected whole numbers below 2^32 with commas between, found '{wanted}'")
    return sorted({int(word) for word in words})


if __name__ == "__main__":
    typer.run(main)
