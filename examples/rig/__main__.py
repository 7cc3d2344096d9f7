"""`python -m examples.rig --out DIR`: simulate the rig and write its recordings."""

from pathlib import Path
from typing import Annotated

import typer

from examples.rig.files import write_files


def main(
    out: Annotated[Path, typer.Option(help="Folder for clean.csv, test.csv and train.toml.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files.")] = 0,
    weeks: Annotated[int, typer.Option(min=1, max=52, help="Length of the clean recording.")] = 10,
) -> None:
    """Simulate a pump circuit: sound operation to train on, and labelled operation with six faults to test on."""
    for path in write_files(out, seed, weeks):
        typer.echo(path)


if __name__ == "__main__":
    typer.run(main)
