"""``plumbline-rescore``: judge rows in files by a bundle."""

import logging
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console

from model.boundary import command_boundary, run_command
from model.bundle import read_bundle
from model.errors import InputError
from model.images.files import image_sources
from model.scorer import VERDICTS, Scorer
from model.signing.options import TrustedKeysPath, trusted_keys
from model.tables.sources import Source, resolve_sources
from model.threshold import Verdict
from service.rescore.image_rescoring import rescore_images
from service.rescore.line_rescoring import check_lines, rescore_lines
from service.rescore.progress import log, rescore_progress
from service.rescore.rescoring import output_paths, rescore
from service.rescore.verdict_table import check_columns
from service.rescore.window_rescoring import check_series, rescore_series

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def plumbline_rescore(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT",
            help="Files, directories, globs, object-store URLs: CSV, Parquet, NPZ or NPY, or images for a model of images.",
        ),
    ],
    bundle: Annotated[Path, typer.Option(metavar="DIR", help="The bundle that judges: models/NAME/VERSION.")],
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the files go: one for each table, one for all images.")
    ],
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Add what contributes most and the values expected; of images, heat maps and regions."
        ),
    ] = False,
    lines: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Write JSON lines as Amazon Lookout for Equipment did, instead of Parquet; the column has the rows' times.",
        ),
    ] = None,
    trusted: TrustedKeysPath = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Score every row of the inputs and say which are anomalous. No row is left out; order is kept."""
    with command_boundary(debug=debug):
        scorer = Scorer(read_bundle(bundle, trusted_keys(trusted)))
        scorer.check_golden()
        sources = resolve_sources(inputs) if scorer.manifest.image is None else image_sources(inputs)
        if lines is not None:
            blocks = _lines(sources, scorer, lines, out, explain=explain)
        else:
            blocks = (_images if scorer.manifest.image is not None else _tables)(sources, scorer, out, explain=explain)
        console = Console(stderr=True)
        _log_plainly()
        start, counts = time.monotonic(), np.zeros(len(VERDICTS), dtype=np.intp)
        with rescore_progress(console) as on_rows:
            for file, block in blocks:
                counts += block
                on_rows(file, int(block.sum()))
        what = "rows" if scorer.manifest.image is None else "images"
        typer.echo(_summary(len(sources), counts, what, time.monotonic() - start, out))


Blocks = Iterator[tuple[str, NDArray[np.intp]]]


def _tables(sources: Sequence[Source], scorer: Scorer, out: Path, *, explain: bool) -> Blocks:
    """Judge the rows of tables, one output for each, all of which are checked first."""
    targets = output_paths(sources, out)
    window = scorer.manifest.window
    for source in sources:
        if window is None:
            check_columns(source, scorer, explain)
        else:
            check_series(source, scorer, window, explain)
    for number, (source, target) in enumerate(zip(sources, targets, strict=True), 1):
        if window is None:
            judged = rescore(source, scorer, target, explain=explain)
        else:
            judged = rescore_series(source, scorer, window, target, explain=explain)
        for block in judged:
            yield f"file {number} of {len(sources)}: {source}", block


def _lines(sources: Sequence[Source], scorer: Scorer, column: str, out: Path, *, explain: bool) -> Blocks:
    """Judge the rows of tables, a file of lines for each, all of which are checked first."""
    if scorer.manifest.image is not None:
        raise InputError("--lines is for rows with times; this model judges images")
    if explain:
        raise InputError("--lines explains every row; leave out --explain")
    targets = output_paths(sources, out, ".jsonl")
    for source in sources:
        check_lines(source, scorer, column)
    for number, (source, target) in enumerate(zip(sources, targets, strict=True), 1):
        for block in rescore_lines(source, scorer, column, target):
            yield f"file {number} of {len(sources)}: {source}", block


def _images(sources: Sequence[Source], scorer: Scorer, out: Path, *, explain: bool) -> Blocks:
    """Judge images, all into one output."""
    for block in rescore_images(sources, scorer, out, explain=explain):
        yield f"{len(sources):,} images", block


def _summary(files: int, counts: NDArray[np.intp], what: str, seconds: float, out: Path) -> str:
    rows = int(counts.sum())
    verdicts = ", ".join(
        f"{count:,} {verdict}"
        for verdict, count in zip(VERDICTS, counts.tolist(), strict=True)
        if count or verdict != Verdict.REVIEW
    )
    return f"{out}: {files:,} file{'s' if files > 1 else ''}, {rows:,} {what}: {verdicts} ({rows / max(seconds, 1e-9):,.0f} {what}/s)"


def _log_plainly() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.handlers = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False


def main() -> None:
    run_command(app)
