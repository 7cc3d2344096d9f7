"""What the service costs: ``python -m benchmarks.serving_speed``.

A real ``plumbline-serve`` with one worker and, for scale, the endpoint that everybody would write
(``peers/fastapi_pydantic.py``) with the same graph. Both keep to one core, wrk to another, and take turns.
"""

import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks.clean_samples import clean_samples
from benchmarks.machine import this_machine
from benchmarks.process import resident_mib
from benchmarks.results import begin, show, write_json
from benchmarks.rig_bundle import train_rig
from benchmarks.server import Command, pinning, plumbline_serve, serving
from benchmarks.serving_load import (
    POINTS,
    SECONDS,
    Figures,
    Point,
    check_answers,
    measure_point,
    median_figures,
    write_bodies,
)
from benchmarks.wrk import require_wrk
from model.boundary import command_boundary
from model.bundle import read_bundle
from model.scorer import Scorer

ROUNDS = 3
PLUMBLINE, PEER = "plumbline-serve", "bare FastAPI, pydantic"


@dataclass(frozen=True)
class MeasuredPoint:
    """One point and the medians over rounds there."""

    point: Point
    figures: Figures


@dataclass(frozen=True)
class ServerSpeed:
    """One server, medians over rounds: seconds from start to ready, memory resident after the load, every point."""

    name: str
    features: int
    start_seconds: float
    resident_mib: float
    points: tuple[MeasuredPoint, ...]


@dataclass(frozen=True)
class _Round:
    start_seconds: float
    resident_mib: float
    figures: tuple[Figures, ...]  # one for each of POINTS


def measure_serving(bundle: Path, folder: Path) -> list[ServerSpeed]:
    """Measure the service and its peer with the detector in ``bundle``; ``folder`` takes what they need.

    Raises:
        InputError: wrk is not installed.
        MeasurementError: a server did not start, gave wrong scores or answered with an error.
    """
    require_wrk()
    read = read_bundle(bundle)
    manifest = read.manifest
    x = clean_samples(read, max(point.samples for point in POINTS))
    bodies, scores = write_bodies(x, folder), Scorer(read).score(x).score
    shutil.copytree(bundle, folder / "served" / manifest.name / str(manifest.version))
    servers = {
        PLUMBLINE: plumbline_serve(folder / "served"),
        PEER: _peer(bundle / "scorer.onnx", manifest.threshold.value),
    }
    rounds = [_round(servers, bodies, scores, manifest.graphs.score_rtol, folder) for _ in range(ROUNDS)]
    return [_medians(name, len(manifest.features), [one[name] for one in rounds]) for name in servers]


def show_serving(measured: Sequence[ServerSpeed]) -> None:
    plumbline, peer = measured
    show(
        f"POST /score, {plumbline.features} features, one worker; medians of {ROUNDS} rounds of {SECONDS} s",
        (
            "samples, connections",
            "requests/s",
            "samples/s",
            "p50, ms",
            "p99, ms",
            "CPU, us/request",
            "bare FastAPI",
            "its CPU",
            "ratio",
        ),
        [_row(ours, theirs.figures) for ours, theirs in zip(plumbline.points, peer.points, strict=True)],
        "bare FastAPI: requests/s and CPU, us/request, of the endpoint for scale; ratio: our requests/s to its",
    )
    show(
        "Start and memory, medians",
        ("server", "start to ready, s", "resident after the load, MiB"),
        [(server.name, f"{server.start_seconds:.2f}", f"{server.resident_mib:.0f}") for server in measured],
    )


def _row(ours: MeasuredPoint, theirs: Figures) -> tuple[str, ...]:
    point, figures = ours.point, ours.figures
    return (
        f"{point.samples}, {point.connections}",
        f"{figures.rate:,.0f}",
        f"{figures.rate * point.samples:,.0f}",
        f"{figures.p50_ms:.2f}",
        f"{figures.p99_ms:.2f}",
        f"{figures.cpu_us:,.0f}",
        f"{theirs.rate:,.0f}",
        f"{theirs.cpu_us:,.0f}",
        f"{figures.rate / theirs.rate:.2f}",
    )


def _peer(scorer: Path, threshold: float) -> Command:
    return Command(
        lambda port: (sys.executable, "-m", "uvicorn", "benchmarks.peers.fastapi_pydantic:app", "--port", str(port)),
        {"SCORER": str(scorer), "THRESHOLD": repr(threshold)},
    )


def _round(
    commands: Mapping[str, Command],
    bodies: Mapping[int, Path],
    scores: NDArray[np.float64],
    rtol: float,
    folder: Path,
) -> dict[str, _Round]:
    """Start every server, drive them in turn at each point, stop them."""
    server_core, wrk_core = pinning()
    figures: dict[str, list[Figures]] = {name: [] for name in commands}
    with ExitStack() as running:
        servers = {
            name: running.enter_context(serving(command.pinned(server_core), folder / f"{number}.log"))
            for number, (name, command) in enumerate(commands.items())
        }
        for server in servers.values():
            check_answers(server, bodies, scores, rtol)
        for point in POINTS:
            for name, server in servers.items():
                figures[name].append(measure_point(server, point, bodies[point.samples], wrk_core))
        return {
            name: _Round(server.start_seconds, resident_mib(server.pid), tuple(figures[name]))
            for name, server in servers.items()
        }


def _medians(name: str, features: int, rounds: list[_Round]) -> ServerSpeed:
    by_point = zip(*(one.figures for one in rounds), strict=True)
    return ServerSpeed(
        name=name,
        features=features,
        start_seconds=statistics.median(one.start_seconds for one in rounds),
        resident_mib=statistics.median(one.resident_mib for one in rounds),
        points=tuple(
            MeasuredPoint(point, median_figures(figures)) for point, figures in zip(POINTS, by_point, strict=True)
        ),
    )


def main(
    bundle: Annotated[Path | None, typer.Option(help="The bundle to serve; without it, one is trained.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the figures to this JSON file.")] = None,
) -> None:
    """Measure the service under load: requests per second, latency, CPU per request, memory, start."""
    with command_boundary(debug=False), tempfile.TemporaryDirectory() as folder:
        require_wrk()
        machine = this_machine()
        begin(machine)
        measured = measure_serving(bundle or train_rig(Path(folder))[1], Path(folder))
        show_serving(measured)
        write_json(out, machine, {"serving": measured})


if __name__ == "__main__":
    typer.run(main)
