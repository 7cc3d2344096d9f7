"""What serving costs, beside the frameworks it could be done with: ``python -m benchmarks.serving``.

Each server is one process on one core, wrk has the other. All serve the same graph and have to give the same scores
before they are driven; docs/speed.md says more.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.errors import MeasurementError
from benchmarks.machine import this_machine
from benchmarks.results import begin, console, write_json
from benchmarks.serving.comparison import compare, own
from benchmarks.serving.contenders import PLUMBLINE
from benchmarks.serving.detector import train_detector
from benchmarks.serving.environments import FOLDER, install
from benchmarks.serving.kinds import POINTS
from benchmarks.serving.race import Plan
from benchmarks.serving.rivals import RIVALS, Rival
from benchmarks.serving.tables import show_outcomes, show_targets
from benchmarks.serving.targets import judge, sentence
from benchmarks.serving.wrk import require_wrk
from model.boundary import command_boundary
from model.errors import InputError

DEFAULT_SCORE = f"{PLUMBLINE}, default score"
ROUNDS, SECONDS = 3, 3


def main(
    bundle: Annotated[
        Path | None, typer.Option(help="The bundle to serve; without it, small ones are trained.")
    ] = None,
    models: Annotated[Path | None, typer.Option(help="Keep what is trained here, for the next time.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="A rival to measure, by part of its name; repeatable.")] = None,
    peers: Annotated[Path, typer.Option(help="The folder of the rivals' environments.")] = FOLDER,
    install_peers: Annotated[bool, typer.Option("--install", help="First install the rivals that are not.")] = False,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds, of which the median counts.")] = ROUNDS,
    seconds: Annotated[int, typer.Option(min=1, help="Seconds of load at each point of a round.")] = SECONDS,
    patience: Annotated[int, typer.Option(min=0, help="Tries more where other work disturbs a point.")] = 0,
    quick: Annotated[bool, typer.Option("--quick", help="One round of one second: does it work at all?")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the figures to this JSON file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw them into this PNG file.")] = None,
) -> None:
    """Measure Plumbline and its rivals under load: requests per second, latency, CPU per request, memory, start."""
    with command_boundary(debug=False), tempfile.TemporaryDirectory() as name:
        require_wrk()
        rivals, folder = _chosen(only), Path(name)
        if install_peers:
            _install(peers, rivals)
        machine = this_machine()
        begin(machine)
        bundles = {PLUMBLINE: bundle} if bundle else _trained(models or folder / "trained")
        plan = Plan(1, 1, POINTS) if quick else Plan(rounds, seconds, POINTS, patience)
        comparison = compare(bundles, rivals, peers, plan, folder)
        show_outcomes(comparison)
        targets = judge(comparison.outcomes)
        write_json(out, machine, {"serving": comparison, "targets": targets})
        if plot is not None:
            from benchmarks.serving.plot import plot_outcomes  # matplotlib takes long to import

            plot_outcomes(comparison.outcomes, plot)
            console.print(str(plot), style="dim")
        own(comparison)
        show_targets(targets)
        console.print(sentence(targets), soft_wrap=True)


def _chosen(only: Sequence[str] | None) -> list[Rival]:
    if only is None:
        return list(RIVALS)
    for word in only:
        if not any(word.lower() in rival.name.lower() for rival in RIVALS):
            raise InputError(f"--only {word}: expected part of {', '.join(rival.name for rival in RIVALS)}")
    return [rival for rival in RIVALS if any(word.lower() in rival.name.lower() for word in only)]


def _install(folder: Path, rivals: Sequence[Rival]) -> None:
    for peer in dict.fromkeys(rival.environment for rival in rivals if rival.environment):
        console.print(f"{peer}: installing into {folder / peer} what is not there", style="dim")
        try:
            install(folder, peer)
        except MeasurementError as error:
            console.print(f"{peer} {error}", style="yellow", soft_wrap=True)


def _trained(folder: Path) -> Mapping[str, Path]:
    console.print("training two small detectors", style="dim")
    return {PLUMBLINE: train_detector(folder, "l2"), DEFAULT_SCORE: train_detector(folder, "neighbourhood")}


if __name__ == "__main__":
    typer.run(main)
