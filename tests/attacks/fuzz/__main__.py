"""Whatever strangers send: ``python -m tests.attacks.fuzz --seconds 60 --target json``."""

import logging
import secrets
from typing import Annotated

import typer

from tests.attacks.fuzz.target import fuzz
from tests.attacks.fuzz.targets import every_target

ENOUGH = 10**9
MOST_GROWN_MIB = 64.0


def main(
    seconds: Annotated[float, typer.Option(help="How long each target is attacked.")] = 60.0,
    target: Annotated[list[str] | None, typer.Option(help="Which targets, by name; all, if none is given.")] = None,
    seed: Annotated[int | None, typer.Option(help="Where the random inputs begin; drawn, if not given.")] = None,
) -> None:
    """Attack the readers of everything that comes over the network with inputs that are nearly right."""
    logging.disable()  # one line for each of a million bad requests says nothing
    first = secrets.randbits(32) if seed is None else seed
    print(f"seed {first}")
    print("| target | inputs | per second | taken | refused | slowest, ms | memory, MiB |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    total = 0
    with every_target() as targets:
        for name in target or targets:
            done = fuzz(targets[name], first, ENOUGH, seconds)
            total += done.inputs
            print(
                f"| {name} | {done.inputs:,} | {done.inputs / done.seconds:,.0f} | {done.taken:,} | {done.refused:,} "
                f"| {1e3 * done.slowest_seconds:.0f} | {done.grown_mib:+.1f} |",
                flush=True,
            )
            assert done.grown_mib < MOST_GROWN_MIB, f"{name} has taken {done.grown_mib:.0f} MiB and kept them"
    print(f"{total:,} inputs, none of which did anything but be answered or refused")


if __name__ == "__main__":
    typer.run(main)
