"""Does memory stay bounded on sets of images that do not fit? ``python -m benchmarks.image_memory [--count 10000] [--side 512]``.

Images are made on the fly, each its own, and written as PNG into a folder; ``plumbline-train`` and ``plumbline-rescore`` then run on it as
commands, watched from outside. A tenth of the folder goes first: what the set holds must not show in the peak. Each run
takes few optimiser steps, because how long is trained says nothing about memory.
"""

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.machine import this_machine
from benchmarks.process import require_success, run, script
from benchmarks.results import begin, show
from model.boundary import command_boundary
from model.images.png import png

STEPS = 30
HEADINGS = ("images", "pixels held whole", "train, peak", "train", "re-score, peak", "re-score")


def write_images(folder: Path, count: int, side: int) -> None:
    """Write ``count`` images [side, side] of waves of light and noise."""
    folder.mkdir(parents=True)
    down, across = np.meshgrid(np.linspace(0, 1, side), np.linspace(0, 1, side), indexing="ij")

    def write(number: int) -> None:
        rng = np.random.default_rng(number)
        waves = 30 * np.sin(rng.normal(9, 1) * across) + 20 * np.cos(rng.normal(7, 1) * down)
        light = 128 + waves + 4 * rng.standard_normal((side, side))
        image = np.clip(np.rint(light), 0, 255).astype(np.uint8)[:, :, np.newaxis]
        (folder / f"{number:06}.png").write_bytes(png(image))

    with ThreadPoolExecutor() as pool:
        list(pool.map(write, range(count)))


def measure(folder: Path, count: int, side: int) -> Sequence[str]:
    """Give a row: train on and re-score ``count`` images written below ``folder``.

    Raises:
        MeasurementError: a command failed.
    """
    write_images(folder / "images", count, side)
    config = folder / "train.toml"
    config.write_text(f"[fit]\nsteps = {STEPS}\n")
    model = [
        "--modality",
        "image",
        "--target-fpr",
        "0.1",
        "--config",
        str(config),
        "--out",
        str(folder / "models" / "waves"),
    ]
    trained = run([script("plumbline-train"), str(folder / "images"), *model])
    require_success(trained, "plumbline-train")
    out = ["--bundle", trained.last_line, "--out", str(folder / "verdicts")]
    rescored = run([script("plumbline-rescore"), str(folder / "images"), *out])
    require_success(rescored, "plumbline-rescore")
    return (
        f"{count:,}",
        f"{count * side * side / 2**20:,.0f} MiB",
        f"{trained.peak_mib:,.0f} MiB",
        f"{trained.seconds:,.0f} s",
        f"{rescored.peak_mib:,.0f} MiB",
        f"{1e3 * rescored.seconds / count:.1f} ms an image",
    )


def main(
    count: Annotated[int, typer.Option(min=1500, help="Images of the larger set; the smaller has a tenth.")] = 10_000,
    side: Annotated[int, typer.Option(help="Their rows and columns of pixels.")] = 512,
    debug: Annotated[bool, typer.Option(help="Show tracebacks.")] = False,
) -> None:
    """Train on and re-score two folders of images, one ten times the other."""
    with command_boundary(debug=debug):
        begin(this_machine())
        rows = []
        for images in (count // 10, count):
            with tempfile.TemporaryDirectory() as folder:
                rows.append(measure(Path(folder), images, side))
        show(f"Grey images of {side} x {side} pixels", HEADINGS, rows)


if __name__ == "__main__":
    typer.run(main)
