"""What comes of more load than the service can carry? ``python -m benchmarks.overload``.

A real ``plumbline-serve`` on one core, with its own defaults, and requests that cost it ten times what they cost whoever
sends them. First its peak is found: the most it scores for any number of clients that wait for their answers. Then requests
arrive at multiples of that, evenly, whether or not earlier ones were answered. The generator has a core of its own.
"""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from benchmarks.errors import MeasurementError
from benchmarks.machine import this_machine
from benchmarks.overload.arrivals import Arrivals
from benchmarks.overload.plot import plot_stages
from benchmarks.overload.stage import Stage, stage_of
from benchmarks.results import begin, console, show, write_json
from benchmarks.server import Server, pinning, plumbline_serve, serving
from benchmarks.serving.detector import clean_rows, train_detector
from benchmarks.serving.dialects.plain import json_requests
from benchmarks.serving.kinds import BATCH
from benchmarks.serving.request import Request
from model.boundary import command_boundary

CLIENTS = (1, 4, 16, 64)
CONNECTIONS = 2_000
TIMES = (0.5, 1.0, 1.5, 2.0, 3.0, 0.5)  # last, what is left of it afterwards
TIMEOUT = 0.1
PEAK_SECONDS, SETTLING_SECONDS = 2.0, 0.5


async def find_peak(server: Server, request: Request, clients: Sequence[int]) -> float:
    """Return the most requests a second that were scored, for any of these numbers of clients.

    Raises:
        MeasurementError: none were.
    """
    async with Arrivals(server.url, request, max(clients)) as arrivals:
        await arrivals.at_most(max(clients), SETTLING_SECONDS)
        peak = max([await arrivals.at_most(count, PEAK_SECONDS) for count in clients])
    if not peak:
        raise MeasurementError("no request was scored")
    return peak


async def offer(
    server: Server, request: Request, clients: int, times: float, seconds: float, timeout: float | None = None
) -> Stage:
    """Offer so many ``times`` the peak; with a ``timeout``, each request says how long it is waited for.

    The peak is that of so many ``clients`` just before and just after: how fast the machine is changes from one minute to the next.
    """
    before = await find_peak(server, request, (clients,))
    asked = request
    if timeout is not None:
        asked = replace(request, headers={**request.headers, "X-Request-Timeout": f"{timeout:g}"})
    async with Arrivals(server.url, asked, CONNECTIONS) as arrivals:
        outcomes = await arrivals.at_rate(before * times, seconds)
    after = await find_peak(server, request, (clients,))
    return stage_of(times, timeout, before * times, (before + after) / 2, outcomes)


async def overload(server: Server, request: Request, seconds: float) -> list[Stage]:
    """Find how many clients make the peak, then offer multiples of it, and twice of it with a deadline."""
    peaks = {count: await find_peak(server, request, (count,)) for count in CLIENTS}
    clients = max(peaks, key=peaks.__getitem__)
    console.print(f"peak: {peaks[clients]:,.0f} requests/s, for {clients} clients", style="dim")
    offered: list[tuple[float, float | None]] = [*((times, None) for times in TIMES), (2.0, TIMEOUT)]
    return [await offer(server, request, clients, times, seconds, timeout) for times, timeout in offered]


def show_stages(stages: Sequence[Stage]) -> None:
    show(
        f"{BATCH.samples} rows as JSON",
        (
            "offered",
            "peak /s",
            "scored /s",
            "of the peak",
            "p50 ms",
            "p99 ms",
            "refused, p99 ms",
            "sent late, p99 ms",
            "answers",
        ),
        [
            (
                f"{stage.times:g} times" + (f", timeout {stage.timeout:g} s" if stage.timeout else ""),
                f"{stage.peak:,.0f}",
                f"{stage.goodput:,.0f}",
                f"{stage.goodput / stage.peak:.0%}",
                f"{stage.p50_ms:,.1f}",
                f"{stage.p99_ms:,.1f}",
                "" if stage.refused_p99_ms is None else f"{stage.refused_p99_ms:,.1f}",
                f"{stage.lag_p99_ms:,.1f}",
                ", ".join(f"{status}: {count:,}" for status, count in stage.statuses.items()),
            )
            for stage in stages
        ],
        "Milliseconds count from when a request was due. Status 0: the connection broke; crowded: none was free.",
    )


def main(
    seconds: Annotated[float, typer.Option(help="How long each load lasts.")] = 10.0,
    work: Annotated[Path | None, typer.Option(help="Folder to keep the trained detector in.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw goodput and latency to this file.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the figures to this JSON file.")] = None,
) -> None:
    """Offer a service more than it can carry, and see what it still does."""
    with command_boundary(debug=False), tempfile.TemporaryDirectory() as folder:
        machine = this_machine()
        begin(machine)
        bundle = train_detector(work or Path(folder), "l2")
        request = json_requests(f"/models/{bundle.parent.name}/score", clean_rows(BATCH.samples, 1))[BATCH]
        prefix, _ = pinning()
        with serving(plumbline_serve(bundle.parents[1]).pinned(prefix), Path(folder, "log")) as server:
            if prefix:
                os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
            stages = uvloop.run(overload(server, request, seconds))
        show_stages(stages)
        if plot is not None:
            plot_stages([stage for stage in stages if stage.timeout is None], plot)
        write_json(out, machine, {"rows": BATCH.samples, "stages": stages})


if __name__ == "__main__":
    typer.run(main)
