"""Rounds of load: every server is started, and at each point they are driven in turn."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import MeasurementError
from benchmarks.results import console
from benchmarks.serving.contender import Contender, Missing
from benchmarks.serving.kinds import Point
from benchmarks.serving.outcome import Outcome, Round, over_rounds
from benchmarks.serving.runner import Runner, start


@dataclass(frozen=True)
class Plan:
    """How much is measured: so many rounds of so many seconds at each point, where others disturb so many times more."""

    rounds: int
    seconds: int
    points: tuple[Point, ...]
    patience: int = 0


def race(contenders: Sequence[Contender], plan: Plan, folder: Path) -> tuple[list[Outcome], list[Missing]]:
    """Measure ``contenders``; returns what came of each, and what has no figures. ``folder`` takes logs and requests.

    One that fails, by not starting, by a wrong score or by an error, is left out with its reason; the others go on.
    """
    rounds: dict[str, list[Round]] = {one.name: [] for one in contenders}
    failed: dict[str, Missing] = {}
    refused: dict[Missing, None] = {}  # each once, in order
    for number in range(plan.rounds):
        left = [one for one in contenders if one.name not in failed]
        with ExitStack() as running:
            runners = _round(left, plan, folder / str(number), running, failed)
            for name, runner in runners.items():
                rounds[name].append(runner.round())
                refused |= dict.fromkeys(Missing(name, reason) for reason in runner.refused.values())
        console.print(f"round {number + 1} of {plan.rounds} done", style="dim")
    outcomes = [over_rounds(name, of) for name, of in rounds.items() if name not in failed]
    return outcomes, [*failed.values(), *refused]


def _round(
    contenders: Sequence[Contender], plan: Plan, folder: Path, running: ExitStack, failed: dict[str, Missing]
) -> dict[str, Runner]:
    """Run one round; returns the servers that came through, and notes the others in ``failed``."""
    runners: dict[str, Runner] = {}
    kinds = {point.kind for point in plan.points}
    for number, contender in enumerate(contenders):
        try:
            runner = start(contender, kinds, folder / str(number), running)
            runner.warm_up()
            runners[contender.name] = runner
        except MeasurementError as error:
            failed[contender.name] = Missing(contender.name, str(error))
    for point in plan.points:
        for name, runner in list(runners.items()):
            try:
                runner.measure(point, plan.seconds, plan.patience)
            except MeasurementError as error:
                del runners[name]
                failed[name] = Missing(name, f"{point.kind.name} over {point.connections} connections: {error}")
    return runners
