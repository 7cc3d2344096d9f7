"""The whole line on real data, through the real commands: ``python -m benchmarks.real_data --data FOLDER``.

FOLDER holds ``tep/``, ``skab/``, ``tabular/`` and ``published/``, as ``docs/real-data.md`` describes. Every detector is
trained by ``plumbline-train`` with its defaults, served by ``plumbline-serve``, and asked over HTTP.
"""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.machine import this_machine
from benchmarks.real_data import adbench, skab, tep
from benchmarks.real_data.outcome import show_outcomes
from benchmarks.results import write_json
from benchmarks.server import plumbline_serve, serving
from examples.demo.client import Client
from model.boundary import command_boundary
from model.errors import InputError


def main(
    data: Annotated[Path, typer.Option(help="The folder with tep/, skab/, tabular/ and published/.")],
    out: Annotated[Path | None, typer.Option(help="Write the figures to this JSON file.")] = None,
) -> None:
    """Train on real data, serve, score over HTTP, and show what was promised beside what was achieved."""
    with command_boundary(debug=False), tempfile.TemporaryDirectory() as name:
        _require(data, [*tep.needed(), *skab.needed(), *adbench.needed()])
        folder = Path(name)
        models = folder / "models"
        tep.train_tep(data, folder, models)
        skab.train_skab(data, folder, models)
        adbench.train_adbench(data, folder, models)
        with serving(plumbline_serve(models), folder / "service.log") as server:
            client = Client(server.url)
            outcomes = [
                *tep.judge_tep(data, client),
                *skab.judge_skab(data, client),
                *adbench.judge_adbench(data, client),
            ]
        show_outcomes(outcomes)
        write_json(out, this_machine(), {"real_data": outcomes})


def _require(data: Path, files: list[str]) -> None:
    missing = [file for file in files if not (data / file).exists()]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise InputError(
            f"{data}: expected {missing[0]}{more}, found no such file; docs/real-data.md says where to get it"
        )


if __name__ == "__main__":
    typer.run(main)
