"""Rounds of load: every server is started, and at each point they are driven in turn."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.errors import MeasurementError
from benchmarks.process import cpu_seconds, resident_mib
from benchmarks.results import console
from benchmarks.server import Server, pinning, serving
from benchmarks.serving.answers import check_answers
from benchmarks.serving.contender import Contender, Missing
from benchmarks.serving.figures import Figures
from benchmarks.serving.kinds import Kind, Point
from benchmarks.serving.outcome import Outcome, Round, over_rounds
from benchmarks.serving.wrk import drive

WARM_UP_SECONDS = 1
SETTLE_SECONDS, MOST_SETTLE_SECONDS = 0.1, 5.0


@dataclass(frozen=True)
class Plan:
    """How much is measured: so many rounds of so many seconds at each point."""

    rounds: int
    seconds: int
    points: tuple[Point, ...]


@dataclass
class _Runner:
    """A contender in one round: its running server, the files wrk sends, the figures so far."""

    contender: Contender
    server: Server
    files: dict[Kind, Path]
    figures: dict[Point, Figures] = field(default_factory=dict)

    def warm_up(self, wrk_core: tuple[str, ...]) -> None:
        for file in self.files.values():
            drive(self.server.url, file, 1, WARM_UP_SECONDS, wrk_core)

    def measure(self, point: Point, seconds: int, wrk_core: tuple[str, ...]) -> None:
        before = cpu_seconds(self.server.pid)
        load = drive(self.server.url, self.files[point.kind], point.connections, seconds, wrk_core)
        used = cpu_seconds(self.server.pid) - before
        self.figures[point] = Figures(load.rate, load.p50_ms, load.p99_ms, 1e6 * used / load.requests)
        self._settle()

    def _settle(self) -> None:
        """Wait until the server has worked off what wrk left when it ended: the next one is not to pay for it."""
        end = time.monotonic() + MOST_SETTLE_SECONDS
        used = -1.0
        while time.monotonic() < end and used != (used := cpu_seconds(self.server.pid)):
            time.sleep(SETTLE_SECONDS)


def race(contenders: Sequence[Contender], plan: Plan, folder: Path) -> tuple[list[Outcome], list[Missing]]:
    """Measure ``contenders``; returns what came of each, and what has no figures. ``folder`` takes logs and requests.

    One that fails, by an error, a wrong score or not starting, is left out with its reason; the others go on.
    """
    rounds: dict[str, list[Round]] = {one.name: [] for one in contenders}
    failed: dict[str, str] = {}
    refused: dict[Missing, None] = {}  # each once, in order
    for number in range(plan.rounds):
        left = [one for one in contenders if one.name not in failed]
        for name, one in _round(left, plan, folder / str(number), failed, refused).items():
            rounds[name].append(one)
        console.print(f"round {number + 1} of {plan.rounds} done", style="dim")
    outcomes = [over_rounds(name, of) for name, of in rounds.items() if name not in failed]
    return outcomes, [*(Missing(name, reason) for name, reason in failed.items()), *refused]


def _round(
    contenders: Sequence[Contender], plan: Plan, folder: Path, failed: dict[str, str], refused: dict[Missing, None]
) -> dict[str, Round]:
    _, wrk_core = pinning()
    runners: dict[str, _Runner] = {}
    with ExitStack() as running:
        for number, contender in enumerate(contenders):
            try:
                place = folder / str(number)
                place.mkdir(parents=True)
                runners[contender.name] = _start(contender, place, running, refused)
                runners[contender.name].warm_up(wrk_core)
            except MeasurementError as error:
                failed[contender.name] = str(error)
        for point in plan.points:
            for name, runner in runners.items():
                if name in failed or point.kind not in runner.files:
                    continue
                try:
                    runner.measure(point, plan.seconds, wrk_core)
                except MeasurementError as error:
                    failed[name] = f"{point.kind.name} over {point.connections} connections: {error}"
        return {
            name: Round(runner.server.start_seconds, resident_mib(runner.server.pid), runner.figures)
            for name, runner in runners.items()
            if name not in failed
        }


def _start(contender: Contender, folder: Path, running: ExitStack, refused: dict[Missing, None]) -> _Runner:
    one_core, _ = pinning()
    command = contender.command if contender.two_cores else contender.command.pinned(one_core)
    server = running.enter_context(serving(command, folder / "log.txt"))
    files = {}
    refusals = check_answers(contender, server)
    for kind, request in contender.requests.items():
        if kind in refusals:
            refused[Missing(contender.name, refusals[kind])] = None
        else:
            files[kind] = request.write(folder / f"{kind.name}.request")
    return _Runner(contender, server, files)
