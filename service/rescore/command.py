"""``plumbline-rescore``: judge rows in files by a bundle."""

import logging
import sys
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console

from model.boundary import command_boundary, run_command
from model.bundle import read_bundle
from model.scorer import VERDICTS, Scorer
from model.tables.sources import resolve_sources
from model.threshold import Verdict
from service.rescore.progress import log, rescore_progress
from service.rescore.rescoring import output_paths, rescore
from service.rescore.verdict_table import check_columns

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def plumbline_rescore(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT", help="CSV, Parquet, NPZ or NPY files, directories, globs, object-store URLs."),
    ],
    bundle: Annotated[Path, typer.Option(metavar="DIR", help="The bundle that judges: models/NAME/VERSION.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the Parquet files go, one for each input file.")],
    explain: Annotated[
        bool, typer.Option("--explain", help="Add the feature that contributes most, and the values expected.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Score every row of the inputs and say which are anomalous. No row is left out; order is kept."""
    with command_boundary(debug=debug):
        sources = resolve_sources(inputs)
        scorer = Scorer(read_bundle(bundle))
        scorer.check_golden()
        targets = output_paths(sources, out)
        for source in sources:
            check_columns(source, scorer, explain)
        console = Console(stderr=True)
        _log_plainly()
        start, counts = time.monotonic(), np.zeros(len(VERDICTS), dtype=np.intp)
        with rescore_progress(console) as on_rows:
            for number, (source, target) in enumerate(zip(sources, targets, strict=True), 1):
                for block in rescore(source, scorer, target, explain=explain):
                    counts += block
                    on_rows(f"file {number} of {len(sources)}: {source}", int(block.sum()))
        typer.echo(_summary(len(sources), counts, time.monotonic() - start, out))


def _summary(files: int, counts: NDArray[np.intp], seconds: float, out: Path) -> str:
    rows = int(counts.sum())
    verdicts = ", ".join(
        f"{count:,} {verdict}"
        for verdict, count in zip(VERDICTS, counts.tolist(), strict=True)
        if count or verdict != Verdict.REVIEW
    )
    return f"{out}: {files:,} file{'s' if files > 1 else ''}, {rows:,} rows: {verdicts} ({rows / max(seconds, 1e-9):,.0f} rows/s)"


def _log_plainly() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.handlers = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False


def main() -> None:
    run_command(app)
