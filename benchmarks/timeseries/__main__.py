"""Windows of time series on real data: ``python -m benchmarks.timeseries --data FOLDER``.

FOLDER holds ``skab/`` and ``smd/``, as ``docs/timeseries.md`` describes. One configuration for every file and machine.
"""

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.machine import this_machine
from benchmarks.real_data.skab import SENSORS, SOUND_ROWS
from benchmarks.results import begin, write_json
from benchmarks.timeseries.detector import configuration
from benchmarks.timeseries.plot import plot_verdicts
from benchmarks.timeseries.skab import OURS, judge_skab, read_skab, show_skab
from benchmarks.timeseries.smd import rank_smd, show_smd
from model.boundary import command_boundary

PLOTTED, PLOTTED_SENSORS = "valve1/13", ("Volume Flow RateRMS", "Temperature", "Accelerometer1RMS")


def main(
    data: Annotated[Path, typer.Option(help="The folder with skab/ and smd/.")],
    steps: Annotated[int, typer.Option(help="Optimiser steps of a fit.")] = 1000,
    out: Annotated[Path | None, typer.Option(help="Write the figures to this JSON file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw one file's verdicts into this SVG or PNG file.")] = None,
) -> None:
    """Judge SKAB by its board's protocol and rank SMD, beside other methods fitted in the same run."""
    with command_boundary(debug=False):
        machine, config = this_machine(), configuration(steps)
        begin(machine)
        recordings = read_skab(data)
        judged = judge_skab(recordings, config)
        if plot is not None:
            place = list(recordings).index(PLOTTED) if PLOTTED in recordings else 0
            rows = list(recordings.values())[place].rows[SOUND_ROWS:]
            sensors = [SENSORS.index(name) for name in PLOTTED_SENSORS]
            plot_verdicts(judged[OURS][place], rows[:, sensors], PLOTTED_SENSORS, plot)
        rankings = rank_smd(data, config)
        pooled = show_skab(judged)
        show_smd(rankings)
        write_json(out, machine, {"config_sha256": config.sha256(), "skab": pooled, "smd": rankings})


if __name__ == "__main__":
    typer.run(main)
