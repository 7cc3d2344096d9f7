"""Re-scoring into lines, as Lookout for Equipment wrote them: one for each row, timed by a column, and explained."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.raw_scorer import CHUNK
from model.scorer import INVALID, VERDICTS, Scorer
from model.tables.rows import Rows
from model.tables.sources import Source
from model.tables.table import read_rows, require_columns
from model.tables.times import times
from model.validity import UNREADABLE_TIME, reason
from service.contributions import contributions
from service.protocols.lookout.lines import result_lines
from service.protocols.lookout.request import dated_series
from service.protocols.series import NO_SCORES, Series, series_samples
from service.registry.models import ServedModel
from service.registry.slot import Loaded
from service.rescore.whole_file import whole_file


def check_lines(source: Source, scorer: Scorer, column: str) -> None:
    """Check that ``source`` can be judged and its rows timed.

    Raises:
        InputError: it lacks columns, or the model judges several series in one file, which lines cannot tell apart.
    """
    window = scorer.manifest.window
    if window is not None and window.group is not None:
        raise InputError(f"lines do not name the '{window.group}' that a row is of; re-score into a table")
    require_columns(source, [*scorer.spec.names, column])


def rescore_lines(source: Source, scorer: Scorer, column: str, target: Path) -> Iterator[NDArray[np.intp]]:
    """Judge the rows of ``source`` and write ``target``, yielding for each block how many rows got each of ``VERDICTS``.

    Raises:
        InputError: the source cannot be read to its end, or the target is already there.
        OSError: the target cannot be written.
    """
    model = ServedModel.of(Loaded(scorer))
    step = scorer.form.chunk(CHUNK)
    before = None
    with whole_file(target) as file:
        for rows in read_rows(source):
            series = _series(rows, scorer, column)
            for start in range(0, len(series), step):
                part = series.part(start, start + step)
                samples = series_samples(part, model, before=before)
                before = samples.window
                scores = scorer.score(samples.x) if samples.rows.size else NO_SCORES
                explained = contributions(samples.x[scores.verdict != INVALID], model)
                file.write(result_lines(part, samples, scores, explained, scorer.spec.names, model.name))
                counts = np.bincount(scores.verdict, minlength=len(VERDICTS))
                counts[INVALID] += len(samples.reasons)
                yield counts


def _series(rows: Rows, scorer: Scorer, column: str) -> Series:
    x, unreadable = rows.numbers(scorer.spec.names)
    when, late = times(rows, column)
    untimed = {row: reason(UNREADABLE_TIME, why) for row, why in late.items()}
    return dated_series(x, when, {**unreadable, **untimed})
