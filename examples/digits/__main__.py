"""`make demo-images`, or `python -m examples.digits`: images from folder to verdict, everything written below `demo/`."""

import shutil
import sys
import time
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from examples.demo.__main__ import MAX_WIDTH, WIDTH_OF_FILES, unwind_when_told_to_stop
from examples.demo.commands import command, serving, train
from examples.demo.errors import DemoError
from examples.demo.tour import stage
from examples.digits.client import heat_map, score_files
from examples.digits.files import GOOD, DigitFiles, write_digits
from examples.digits.verdicts import verdict_table
from model.boundary import EXIT_FAULT, command_boundary

HERE = Path("demo") / "digits"
MODEL, SEED = "digit", 0
# The clean digit has some 140 images, a quarter of which calibrate: enough to certify one alarm in ten, and no less.
TARGET_FPR = 0.1


def main(
    clean: Annotated[int, typer.Option(min=0, max=9, help="The digit that is clean.")] = 0,
    debug: Annotated[bool, typer.Option(help="Show tracebacks.")] = False,
) -> None:
    """Train on images of one digit, serve the detector, post all others and show what was found."""
    unwind_when_told_to_stop()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    console = Console()
    console.width = min(console.width, MAX_WIDTH) if console.is_terminal else WIDTH_OF_FILES
    with command_boundary(debug=debug):
        try:
            tour(clean, console)
        except DemoError as error:
            if debug:
                raise
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(EXIT_FAULT) from error


def tour(digit: int, console: Console) -> None:
    """Run everything.

    Raises:
        DemoError: a command or the service failed.
    """
    began = time.monotonic()
    shutil.rmtree(HERE, ignore_errors=True)
    stage(console, "Write", f"scikit-learn's hand-written digits as PNG files; {digit} is clean, the others are not")
    files = write_digits(HERE, digit)
    console.print(f"{files.clean}/*.png, {files.test}/*/*.png", style="dim", highlight=False)
    stage(console, "Train", "plumbline-train --modality image")
    arguments = [str(files.clean), "--modality", "image", "--test", str(files.test)]
    arguments += ["--out", str(HERE / "models" / MODEL), "--target-fpr", str(TARGET_FPR), "--seed", str(SEED)]
    bundle = train(arguments)
    stage(console, "Serve", "plumbline-serve, on a free port of this machine")
    with serving(HERE / "models", HERE / "service.log") as client:
        stage(console, "Score", "every test image over HTTP, a hundred to a form")
        folders = sorted(folder for folder in files.test.iterdir())
        sent = {folder.name: sorted(folder.glob("*.png")) for folder in folders}
        found = {name: score_files(client, MODEL, images) for name, images in sent.items()}
        console.print(verdict_table(found, digit, TARGET_FPR))
        other = next(name for name in sent if name != GOOD)
        scores = [result["score"] for result in found[other]]
        shown = sent[other][sorted(range(len(scores)), key=scores.__getitem__)[len(scores) // 2]]
        drawn = heat_map(client, MODEL, shown)
    (HERE / "heat_map.png").write_bytes(drawn.drawn)
    stage(console, "Go on", f"all of it took {time.monotonic() - began:.0f} s")
    _point_on(files, bundle, shown, console)


def _point_on(files: DigitFiles, bundle: Path, shown: Path, console: Console) -> None:
    def show(what: str, line: object) -> None:
        console.print(f"# {what}", style="dim", highlight=False)
        console.print(str(line), highlight=False, markup=False, soft_wrap=True)

    show("the report, for a browser", bundle / "report" / "index.html")
    show(f"the heat map of {shown}, drawn over it", HERE / "heat_map.png")
    show("serve it", f"{command('plumbline-serve')} --models {HERE / 'models'}")
    show(
        "ask it about an image",
        f"curl 'localhost:8000/models/{MODEL}/score?explain=heatmap' -H 'Content-Type: image/png' --data-binary @{shown}",
    )
    rescore = f"{command('plumbline-rescore')} {files.test} --bundle {bundle} --out {HERE / 'rescored'} --explain"
    show("score a folder, with heat maps", rescore)


if __name__ == "__main__":
    typer.run(main)
