"""Rows that follow each other in time, as the samples of a model: rows, or the windows that end with them.

N: rows, F: features, T: steps.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.scorer import Scores
from model.series.row_window import RowWindow
from model.validity import invalid_samples
from service.errors import NoStreamsError, TooManySamplesError
from service.registry.models import ServedModel

NO_SCORES = Scores(np.empty(0), np.empty(0), np.empty(0), np.empty(0, dtype=np.int8), {})


@dataclass(frozen=True)
class Series:
    """Rows ``x`` [N, F] at ``times`` [N] in seconds, NaN where unreadable, and by row why one cannot be read."""

    x: NDArray[np.float64]
    times: NDArray[np.float64]
    unreadable: dict[int, str]

    def __len__(self) -> int:
        return len(self.x)

    def last(self, count: int) -> "Series":
        """Return the last rows, at most ``count``."""
        return self.part(max(0, len(self) - count), len(self))

    def part(self, start: int, stop: int) -> "Series":
        """Return the rows from ``start`` to ``stop``."""
        unreadable = {row - start: why for row, why in self.unreadable.items() if start <= row < stop}
        return Series(self.x[start:stop], self.times[start:stop], unreadable)


@dataclass(frozen=True)
class SeriesSamples:
    """The samples ``x`` [n, F] or [n, T, F] that end with ``rows`` [n]; of all other rows, ``reasons`` say why there is none.

    ``gaps`` say by row what lies between it and the row before; ``window`` is what the next rows follow.
    """

    x: NDArray[Any]
    rows: NDArray[np.intp]
    reasons: dict[int, str]
    gaps: dict[int, str]
    window: RowWindow


def check_judges_rows(model: ServedModel) -> None:
    """Refuse a model of images.

    Raises:
        NoStreamsError: it is one.
    """
    if model.manifest.image is not None:
        raise NoStreamsError(f"model '{model.name}' judges images, which no stream of rows makes up")


def series_samples(
    series: Series, model: ServedModel, most: int | None = None, before: RowWindow | None = None
) -> SeriesSamples:
    """Make the samples that end with each row, as a stream of the same rows has them: at most ``most``, after ``before``.

    A model of rows judges each by itself. No window spans an invalid row or a gap.

    Raises:
        TooManySamplesError: there are more.
    """
    window = model.manifest.window
    follows = before or RowWindow(np.empty((0, len(model.spec))))
    invalid = {**invalid_samples(series.x, model.spec), **series.unreadable}
    if window is None:
        rows = np.array([row for row in range(len(series)) if row not in invalid], dtype=np.intp)
        _check_count(rows.size, most, model)
        return SeriesSamples(series.x[rows], rows, invalid, {}, follows)
    longest = None if window.time is None else window.longest_step * window.sampling_interval
    arrived = follows.take(series.x, series.times, invalid, window.length, longest)
    rows = np.array(arrived.ready, dtype=np.intp)
    _check_count(rows.size, most, model)
    x = arrived.windows(slice(None), window.length) if rows.size else np.empty((0, *model.form.shape))
    return SeriesSamples(x, rows, arrived.reasons, arrived.gaps, arrived.window)


def _check_count(count: int, most: int | None, model: ServedModel) -> None:
    if most is not None and count > most:
        raise TooManySamplesError(
            f"a request may ask to explain {most:,} samples of {model.form.size:,} values, found {count:,}",
            {"max_samples": most},
        )
