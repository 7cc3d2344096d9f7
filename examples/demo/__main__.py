"""`make demo`, or `python -m examples.demo`: the whole of Plumbline in one run, everything it writes below `demo/`."""

import signal
import sys
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from examples.demo.errors import DemoError
from examples.demo.tour import Files, tour
from model.boundary import EXIT_FAULT, command_boundary
from model.errors import InputError

WIDTH_OF_FILES, MAX_WIDTH = 110, 120


def main(
    data: Annotated[Path | None, typer.Option(help="Your clean data, instead of the simulated rig's.")] = None,
    test: Annotated[Path | None, typer.Option(help="Your labelled data to test on.")] = None,
    label: Annotated[str | None, typer.Option(help="Its column that is 1 for anomalous rows.")] = None,
    config: Annotated[Path | None, typer.Option(help="Training configuration for your data, a TOML file.")] = None,
    debug: Annotated[bool, typer.Option(help="Show tracebacks.")] = False,
) -> None:
    """Train a detector, serve it, score samples over HTTP and show what was found."""
    unwind_when_told_to_stop()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without Unicode gets question marks, no failure
    console = Console()
    console.width = min(console.width, MAX_WIDTH) if console.is_terminal else WIDTH_OF_FILES
    with command_boundary(debug=debug):
        try:
            tour(_own(data, test, label, config), console)
        except DemoError as error:
            if debug:
                raise
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(EXIT_FAULT) from error


def _own(data: Path | None, test: Path | None, label: str | None, config: Path | None) -> Files | None:
    if data is None and test is None and label is None and config is None:
        return None
    if data is None or test is None or label is None:
        raise InputError(
            "own data takes all three: DATA (clean rows), TEST (labelled rows) and LABEL (its label column)"
        )
    return Files("own", data, test, label, config, of_rig=False)


def unwind_when_told_to_stop() -> None:
    """Leave through every block when told to stop, so that the service never outlives the demo."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _exit)


def _exit(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    typer.run(main)
