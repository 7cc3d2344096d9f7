"""How well images are judged: ``python -m benchmarks.images --data FOLDER``.

FOLDER holds ``mnist/mnist.npz`` and ``magnetic_tile/``, as ``docs/images.md`` describes. Every detector is learned with
the defaults, but for the fit of the VAE, which no score depends on, and exported; ONNX Runtime scores.
"""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.images.backbone import learn_features, read
from benchmarks.images.mnist import measure_digits
from benchmarks.images.picture import draw_heat
from benchmarks.images.plumbline import learn
from benchmarks.images.tables import show_digits, show_tiles
from benchmarks.images.tiles import Learner, TileResult, measure_tiles, read_tiles
from benchmarks.machine import this_machine
from benchmarks.results import begin, console, write_json
from model.boundary import command_boundary
from model.errors import InputError

EVERY_DIGIT, SEEDS = "0123456789", 5


def main(
    data: Annotated[Path, typer.Option(help="The folder with mnist/ and magnetic_tile/.")],
    digits: Annotated[str, typer.Option(help="Digits to hold clean in turn, such as 28; '' for none.")] = EVERY_DIGIT,
    seeds: Annotated[int, typer.Option(min=0, max=100, help="Seeds of the magnetic tiles.")] = SEEDS,
    picture: Annotated[Path | None, typer.Option(help="Draw tiles and their heat maps to this PNG file.")] = None,
    backbone: Annotated[
        Path | None, typer.Option(help="An ONNX network whose features of the tiles are judged as well.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the figures to this JSON file.")] = None,
) -> None:
    """Learn from clean images, score the others, and show how well both are told apart."""
    with command_boundary(debug=False):
        if set(digits) - set(EVERY_DIGIT):
            raise InputError(f"--digits: expected digits, found {digits!r}")
        machine = this_machine()
        begin(machine)
        by_digit = []
        for digit in measure_digits(data, [int(digit) for digit in digits]) if digits else ():
            console.print(f"  digit {digit.digit}: {digit.pixels:.1f}, {digit.cpu_seconds:.0f} s to learn", style="dim")
            by_digit.append(digit)
        learners: dict[str, Learner] = {"pixel detector": learn}
        if backbone is not None:
            learners["backbone features"] = partial(learn_features, read(backbone))
        by_seed: dict[str, list[TileResult]] = {detector: [] for detector in learners}
        images = read_tiles(data) if seeds else None
        for detector, learner in learners.items():
            for tiles in measure_tiles(images, range(seeds), learner) if images else ():
                figures = f"{tiles.image:.1f}, {tiles.cpu_seconds:.0f} s to learn"
                console.print(f"  {detector}, seed {tiles.seed}: {figures}", style="dim")
                by_seed[detector].append(tiles)
        if by_digit:
            show_digits(by_digit)
        if seeds:
            show_tiles(by_seed)
        if picture:
            draw_heat(images or read_tiles(data), picture)
        write_json(out, machine, {"mnist": by_digit, "magnetic_tile": by_seed})


if __name__ == "__main__":
    typer.run(main)
