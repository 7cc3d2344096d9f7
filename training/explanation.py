"""What a bundle keeps of its clean data so that samples can be explained in full. N: rows, F: features, S: rows kept."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import kmeans_plusplus

from model.explanation import CleanReading, Explanation
from model.impute import impute
from model.quoting import printable
from model.raw_scorer import RawScorer
from training.clean_data import CleanData
from training.split import Rows

Array = NDArray[np.float64]

COVERAGE = 0.95
MOST_ROWS = 200  # held-out rows on which intervals stand
MOST_SEARCHES = 4000  # rows times features that are imputed for them
RANGE_MARGIN = 0.1  # how far beyond clean readings an imputed one is sought, in parts of their range
SKETCH_VALUES = 250_000  # rows times features of a sketch
CANDIDATES = 5  # rows considered for each row of a sketch


@dataclass(frozen=True)
class KeptForExplaining:
    """The manifest's section, and the rows [S, F] of the sketch that it names the places of; None where there is none."""

    explanation: Explanation
    sketch: Array | None


def keep_for_explaining(
    raw: RawScorer, clean: CleanData, learned: Rows, unseen: Rows, sketch_rows: int, seed: int
) -> KeptForExplaining:
    """Take from clean data what explanations need: ranges and spreads of the rows ``learned`` from, intervals of ``unseen`` ones.

    ``sketch_rows`` is how many rows to keep at most, of all parts of the data; 0 keeps none.
    """
    train = clean.values[learned]
    low, high, scale = train.min(axis=0), train.max(axis=0), train.std(axis=0)
    margin = RANGE_MARGIN * (high - low)
    low, high = np.maximum(low - margin, clean.spec.lows), np.minimum(high + margin, clean.spec.highs)
    held_out = _evenly(unseen, min(MOST_ROWS, MOST_SEARCHES // len(clean.spec)))
    half_widths = interval_half_widths(raw, clean.values[held_out], low, high)
    sketch = choose_sketch(clean.values, scale, sketch_rows, seed)
    explanation = Explanation(
        coverage=COVERAGE,
        rows=0 if half_widths is None else held_out.size,
        readings=tuple(
            CleanReading(low=least, high=most, scale=spread, half_width=half_width)
            for least, most, spread, half_width in zip(
                low.tolist(),
                high.tolist(),
                scale.tolist(),
                [None] * len(clean.spec) if half_widths is None else half_widths.tolist(),
                strict=True,
            )
        ),
        sketch_places=tuple(_shown(clean.place[row]) for row in sketch.tolist()),
    )
    return KeptForExplaining(explanation, clean.values[sketch] if sketch.size else None)


def interval_half_widths(raw: RawScorer, rows: Array, low: Array, high: Array) -> Array | None:
    """Give the half-widths [F] that hold a reading about its imputed value, from clean, held-out ``rows`` [N, F].

    Each reading of each row is imputed and compared with what it was. The ceil(COVERAGE * (N + 1))-th smallest distance
    covers a further one with at least that chance, if rows are exchangeable (split conformal prediction: Vovk,
    Gammerman and Shafer 2005). None where there are too few rows to say.
    """
    count, features = rows.shape
    rank = math.ceil(COVERAGE * (count + 1))
    if rank > count:
        return None
    row, feature = np.divmod(np.arange(count * features), features)
    imputed = impute(raw.scores, rows[row], feature, low[feature], high[feature])
    apart = np.abs(rows - imputed.value.reshape(rows.shape))
    return np.asarray(np.sort(apart, axis=0)[rank - 1])


def choose_sketch(values: Array, scale: Array, count: int, seed: int) -> NDArray[np.intp]:
    """Choose at most ``count`` of the rows ``values`` [N, F] that cover them, ascending.

    By k-means++ seeding (Arthur and Vassilvitskii 2007) in standardised units: each next row is drawn with odds of its
    squared distance to those chosen, so that rare states are kept beside common ones.
    """
    count = min(count, max(1, SKETCH_VALUES // values.shape[1]))
    candidates = _evenly(np.arange(len(values)), CANDIDATES * count)
    if candidates.size <= count:
        return candidates
    standardised = (values[candidates] - values[candidates].mean(axis=0)) / scale
    _, chosen = kmeans_plusplus(standardised, count, random_state=seed % 2**32, n_local_trials=1)
    return np.sort(candidates[np.unique(chosen)])


def _evenly(rows: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Take at most ``count`` of ``rows``, evenly spread over them."""
    return rows[np.linspace(0, rows.size - 1, min(count, rows.size)).astype(np.intp)]


def _shown(place: str) -> str:
    """Keep a row's file name and number, and not the folders of the machine it was read on."""
    return printable(place.rpartition("/")[2])[-300:]
