"""Rows that follow each other in time, as the samples of a model: rows, or the windows that end with them.

N: rows, F: features, T: steps.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.series.row_window import RowWindow
from model.validity import invalid_samples
from service.errors import NoStreamsError, TooManySamplesError
from service.registry.models import ServedModel


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
        start = max(0, len(self) - count)
        unreadable = {row - start: why for row, why in self.unreadable.items() if row >= start}
        return Series(self.x[start:], self.times[start:], unreadable)


@dataclass(frozen=True)
class SeriesSamples:
    """The samples ``x`` [n, F] or [n, T, F] that end with ``rows`` [n]; of all other rows, ``reasons`` say why there is none.

    ``gaps`` say by row what lies between it and the row before.
    """

    x: NDArray[Any]
    rows: NDArray[np.intp]
    reasons: dict[int, str]
    gaps: dict[int, str]


def check_judges_rows(model: ServedModel) -> None:
    """Refuse a model of images.

    Raises:
        NoStreamsError: it is one.
    """
    if model.manifest.image is not None:
        raise NoStreamsError(f"model '{model.name}' judges images, which no stream of rows makes up")


def series_samples(series: Series, model: ServedModel, most: int) -> SeriesSamples:
    """Make the samples that end with each row, at most ``most``, as a new stream of the same rows has them.

    A model of rows judges each by itself. No window spans an invalid row or a gap.

    Raises:
        TooManySamplesError: there are more.
    """
    window = model.manifest.window
    invalid = {**invalid_samples(series.x, model.spec), **series.unreadable}
    if window is None:
        rows = np.array([row for row in range(len(series)) if row not in invalid], dtype=np.intp)
        _check_count(rows.size, most, model)
        return SeriesSamples(series.x[rows], rows, invalid, {})
    longest = None if window.time is None else window.longest_step * window.sampling_interval
    nothing = RowWindow(np.empty((0, len(model.spec))))
    arrived = nothing.take(series.x, series.times, invalid, window.length, longest)
    rows = np.array(arrived.ready, dtype=np.intp)
    _check_count(rows.size, most, model)
    x = arrived.windows(slice(None), window.length) if rows.size else np.empty((0, *model.scorer.form.shape))
    return SeriesSamples(x, rows, arrived.reasons, arrived.gaps)


def _check_count(count: int, most: int, model: ServedModel) -> None:
    if count > most:
        raise TooManySamplesError(
            f"a request may ask to explain {most:,} samples of {model.scorer.form.size:,} values, found {count:,}",
            {"max_samples": most},
        )
