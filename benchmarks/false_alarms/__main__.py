"""False alarms promised against false alarms achieved: ``python -m benchmarks.false_alarms --data FOLDER``.

FOLDER is that of ``benchmarks.real_data``, see ``docs/real-data.md``. Each set goes through the whole of training with the
default configuration. Where certifying is refused, the refusal is shown and the conformal rule asked for. With ``--out`` a
run goes on where it was interrupted.
"""

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.false_alarms.outcome import judge_set, read_outcomes, show_outcomes
from benchmarks.false_alarms.sets import clean_sets
from benchmarks.machine import this_machine
from benchmarks.results import console, write_json
from model.boundary import command_boundary
from training.config_file import load_config


def main(
    data: Annotated[Path, typer.Option(help="The folder with tabular/, tep/ and skab/.")],
    steps: Annotated[int | None, typer.Option(help="Optimiser steps, fewer than the default for a quick look.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the figures to this JSON file; sets in it are not run again.")
    ] = None,
) -> None:
    """Train on clean rows, and count the false alarms on other clean rows beside what was promised."""
    with command_boundary(debug=False):
        config = load_config(None, {"fit.steps": steps, "data.constant": "drop", "data.duplicate": "drop"})
        done = {outcome.data: outcome for outcome in read_outcomes(out, config)}
        for one in clean_sets(data):
            if one.name not in done:
                console.print(one.name, style="bold")
                done[one.name] = judge_set(one, config)
                write_json(out, this_machine(), {"config_sha256": config.sha256(), "false_alarms": list(done.values())})
        show_outcomes(list(done.values()))


if __name__ == "__main__":
    typer.run(main)
