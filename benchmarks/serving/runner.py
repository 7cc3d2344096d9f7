"""One server in one round: started, found right, driven."""

import time
from collections.abc import Collection
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.process import cpu_seconds, ended_seconds, machine_seconds, resident_mib
from benchmarks.server import Server, pinning, serving
from benchmarks.serving.answers import check_answers
from benchmarks.serving.contender import Contender
from benchmarks.serving.figures import Figures
from benchmarks.serving.kinds import Kind, Point
from benchmarks.serving.outcome import Round
from benchmarks.serving.wrk import NoAnswerError, drive

WARM_UP_SECONDS = 1
LONGEST_SECONDS = 10  # where the machine is so busy that nothing is answered, it is tried for longer, but no longer
DISTURBED = 0.1  # cores
SETTLE_SECONDS, MOST_SETTLE_SECONDS = 0.1, 5.0


@dataclass
class Runner:
    """A running server: the files wrk sends, by kind; the kinds it does not take, and why; the figures so far."""

    server: Server
    files: dict[Kind, Path]
    refused: dict[Kind, str]
    figures: dict[Point, Figures] = field(default_factory=dict)

    def warm_up(self) -> None:
        """Drive it where nobody looks, so that the first round is like the others.

        Raises:
            MeasurementError: an answer was an error.
        """
        for file in self.files.values():
            with suppress(NoAnswerError):
                drive(self.server.url, file, 1, WARM_UP_SECONDS, pinning()[1])

    def measure(self, point: Point, seconds: int, patience: int) -> None:
        """Drive it at one point, if it takes that kind of request; up to ``patience`` times more if others disturb.

        Of several tries the one counts that was disturbed least, whatever its figures.

        Raises:
            MeasurementError: an answer was an error.
        """
        if point.kind not in self.files:
            return
        tries: list[Figures] = []
        for _ in range(1 + patience):
            tries.append(self._drive(point, seconds))
            self._settle()
            if tries[-1].others <= DISTURBED:
                break
        self.figures[point] = min(tries, key=lambda figures: figures.others)

    def _drive(self, point: Point, seconds: int) -> Figures:
        began, machine, wrk, before = time.monotonic(), machine_seconds(), ended_seconds(), cpu_seconds(self.server.pid)
        try:
            load = drive(self.server.url, self.files[point.kind], point.connections, seconds, pinning()[1])
        except NoAnswerError:
            if seconds > LONGEST_SECONDS:
                raise
            return self._drive(point, 2 * seconds)
        used = cpu_seconds(self.server.pid) - before
        others = machine_seconds() - machine - (ended_seconds() - wrk) - used
        others = max(others / (time.monotonic() - began), 0.0)
        return Figures(load.rate, load.p50_ms, load.p99_ms, 1e6 * used / load.requests, others)

    def round(self) -> Round:
        return Round(self.server.start_seconds, resident_mib(self.server.pid), self.figures)

    def _settle(self) -> None:
        """Wait until it has worked off what wrk left when it ended: the next server is not to pay for that."""
        end, before = time.monotonic() + MOST_SETTLE_SECONDS, -1.0
        while time.monotonic() < end and before != (now := cpu_seconds(self.server.pid)):
            before = now
            time.sleep(SETTLE_SECONDS)


def start(contender: Contender, kinds: Collection[Kind], folder: Path, running: ExitStack) -> Runner:
    """Start a server for as long as ``running`` is open and check its answers; ``folder`` takes its log and its requests.

    Raises:
        MeasurementError: it does not become ready, gives other scores than the bundle, or answers with an error.
    """
    folder.mkdir(parents=True)
    command = contender.command if contender.two_cores else contender.command.pinned(pinning()[0])
    server = running.enter_context(serving(command, folder / "log.txt"))
    refused = check_answers(contender, server)
    files = {
        kind: request.write(folder / f"{kind.name}.request")
        for kind, request in contender.requests.items()
        if kind in kinds and kind not in refused
    }
    return Runner(server, files, refused)
