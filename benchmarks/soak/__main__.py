"""Does the service hold out? ``python -m benchmarks.soak --minutes 30``.

A real ``plumbline-serve`` at half of what it can do, with everything that clients do and get wrong, and a new version of
its model every minute. Every request is counted; memory and open files are watched, and how fast they grow is printed.
"""

import asyncio
import contextlib
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.clean_samples import clean_samples
from benchmarks.machine import this_machine
from benchmarks.results import begin, console, show, write_json
from benchmarks.rig_bundle import train_rig
from benchmarks.server import Server, plumbline_serve, serving
from benchmarks.soak.load import Tallied, drive
from benchmarks.soak.plot import plot_vitals
from benchmarks.soak.traffic import Traffic
from benchmarks.soak.versions import Versions
from benchmarks.soak.vitals import Trend, Vital, trend_of, watch
from model.boundary import command_boundary
from model.bundle import read_bundle

PEAK_SECONDS, SETTLING_SECONDS = 8.0, 2.0


async def soak(
    server: Server, traffic: Traffic, versions: Versions, seconds: float, reload_seconds: float, rate: float | None
) -> tuple[float, Tallied, list[Vital]]:
    """Ask ``rate`` requests a second, or half of what the service can do; returns the rate, what came of it, and the vitals."""
    if rate is None:
        await drive(server.url, traffic, SETTLING_SECONDS)
        rate = (await drive(server.url, traffic, PEAK_SECONDS)).sent / PEAK_SECONDS / 2
    console.print(f"{rate:,.0f} requests/s for {seconds / 60:g} minutes", style="dim")
    vitals: list[Vital] = []
    async with asyncio.TaskGroup() as tasks:
        beside = [
            tasks.create_task(watch(server.pid, max(1.0, seconds / 1800), vitals)),
            tasks.create_task(_publish(versions, reload_seconds)),
        ]
        tallied = await drive(server.url, traffic, seconds, rate)
        for task in beside:
            task.cancel()
    return rate, tallied, vitals


async def _publish(versions: Versions, every_seconds: float) -> None:
    while True:
        await asyncio.sleep(every_seconds)
        versions.publish()


def show_soak(rate: float, tallied: Tallied, vitals: Sequence[Vital], trend: Trend, versions: int) -> None:
    show(
        f"{vitals[-1].seconds / 60:.1f} minutes at {rate:,.0f} requests/s, {versions} versions",
        ("", "requests"),
        [(name, f"{count:,}") for name, count in sorted(tallied.answered.items())]
        + [("left before the answer", f"{tallied.left:,}")]
        + [(f"{name}, answered {status}", f"{count:,}") for (name, status), count in tallied.unexpected.items()]
        + [("lost", f"{tallied.lost.total():,}"), ("all", f"{tallied.sent:,}")],
    )
    show(
        "After the warm-up, the first quarter",
        ("", "begins with", "ends with", "most", "growth per hour"),
        [
            (
                "resident, MiB",
                f"{trend.begin_mib:.1f}",
                f"{trend.end_mib:.1f}",
                f"{trend.most_mib:.1f}",
                f"{trend.mib_per_hour:+.2f}",
            ),
            ("open files", f"{trend.fewest_files} (fewest)", "", f"{trend.most_files}", f"{trend.files_per_hour:+.2f}"),
        ],
    )


def main(
    minutes: Annotated[float, typer.Option(help="How long the load lasts.")] = 30.0,
    reload_seconds: Annotated[float, typer.Option(help="How often a new version of the model comes.")] = 60.0,
    rate: Annotated[
        float | None, typer.Option(help="Requests per second; half of what is possible, if not given.")
    ] = None,
    bundle: Annotated[Path | None, typer.Option(help="The bundle to serve; without it, one is trained.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw memory and open files over time to this file.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the figures to this JSON file.")] = None,
) -> None:
    """Keep the service at half load and watch its memory and its open files."""
    with command_boundary(debug=False), tempfile.TemporaryDirectory() as folder:
        machine = this_machine()
        begin(machine)
        source = bundle or train_rig(Path(folder))[1]
        read = read_bundle(source)
        traffic = Traffic(read.manifest.name, clean_samples(read, 256), has_latent=(source / "encoder.onnx").exists())
        versions = Versions(source, Path(folder, "served"))
        log = Path(folder, "log")
        with serving(plumbline_serve(Path(folder, "served")), log) as server:
            rate, tallied, vitals = asyncio.run(soak(server, traffic, versions, minutes * 60, reload_seconds, rate))
        trend = trend_of(vitals)
        show_soak(rate, tallied, vitals, trend, versions.last)
        console.print(f"errors in the log: {_errors(log)}")
        if plot is not None:
            plot_vitals(vitals, plot)
        measured = {"answered": dict(tallied.answered), "lost": dict(tallied.lost), "left": tallied.left}
        write_json(
            out, machine, {"rate": rate, "versions": versions.last, **measured, "trend": trend, "vitals": vitals}
        )


def _errors(log: Path) -> int:
    """Count what the log calls an error."""
    count = 0
    with log.open("rb") as lines:
        for line in lines:
            with contextlib.suppress(ValueError):
                count += json.loads(line).get("level") == "error"
    return count


if __name__ == "__main__":
    typer.run(main)
