"""The detectability certificate: the smallest fault of each kind, in each sensor, that the served detector finds.

Clean held-out rows get a fault of known size and go through the exported scorer; what scores above the threshold is
found. F: features. n: rows that each fault is put into.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from model.detectability import Detectability, DetectionLimit, FaultKind
from model.features import FeatureSpec
from model.raw_scorer import RawScorer
from training.dependence import effective_count
from training.faults import inject

Array = NDArray[np.float64]

KINDS: tuple[FaultKind, ...] = get_args(FaultKind)
UNITLESS: tuple[FaultKind, ...] = ("gain", "decorrelation")
SHARE, CONFIDENCE = 0.9, 0.95

LARGEST = 64.0  # spreads; for gain, what is added to a factor of one
COARSE = 8.0  # from one size to the next smaller one, down to the first that is not found
LEAST = LARGEST / COARSE**4  # of a spread: what is found at that size need not be looked for at smaller ones
HALVINGS = 4  # of a coarse step on a logarithmic scale: a limit is at most 14 % too large
STEPS = 8  # sizes that are usually tried

MOST_ROWS, WIDE_ROWS = 300, 60
BUDGET = 16_000_000  # values to score, so that wide data does not take long: rows are cut down first, then features
STRETCHES = 10  # a drift is judged in the last of so many


@dataclass(frozen=True)
class Trials:
    """What faults are put into: clean ``rows`` [n, F] in time order; a fault is found where at least ``needed`` of n are."""

    raw: RawScorer
    threshold: float
    rows: Array
    needed: int
    seed: int

    def with_fault(self, feature: int, kind: FaultKind, size: float, spread: float) -> Array:
        """Return the rows with one sensor faulty, [n, F]; every other row downwards where a fault has two directions."""
        rng = np.random.default_rng(self.seed)
        faulty, reading = self.rows.copy(), self.rows[:, [feature]]
        if kind in ("bias", "drift", "stuck"):
            for start, sign in ((0, 1), (1, -1)):
                some = reading[start::2]
                # A drift is judged once it has grown, over the last tenth of its way.
                whole = np.tile(some, (STRETCHES, 1)) if kind == "drift" else some
                faulty[start::2, feature] = inject(whole, 0, kind, sign * size, rng, spread)[-len(some) :, 0]
        else:
            faulty[:, feature] = inject(reading, 0, kind, size, rng, spread)[:, 0]
        return faulty

    def found(self, faulty: Array) -> NDArray[np.bool_]:
        return self.raw.scores(faulty) > self.threshold

    def limit(self, feature: int, name: str, kind: FaultKind, spread: float) -> DetectionLimit:
        """Look for the smallest fault that is found, as is every larger one that is tried."""
        largest = 1.0 if kind == "decorrelation" else LARGEST

        def is_found(size: float) -> bool:
            return int(self.found(self.with_fault(feature, kind, size, spread)).sum()) >= self.needed

        limit = smallest_found(is_found, largest)
        faulty = self.with_fault(feature, kind, largest if limit is None else limit, spread)
        found = self.found(faulty)
        first = self.raw.explain(faulty[found]).contribution.argmax(axis=1) == feature if found.any() else None
        unit = 1.0 if kind in UNITLESS else spread
        return DetectionLimit(
            feature=name,
            kind=kind,
            limit=None if limit is None else _short(limit * unit),
            tried=_short(largest * unit),
            found=_short(float(found.mean())),
            named_first=None if first is None else _short(float(first.mean())),
        )


def measure_detectability(
    raw: RawScorer, threshold: float, calibration: Array, spec: FeatureSpec, spread: Array, seed: int
) -> Detectability:
    """Put faults into clean held-out ``calibration`` rows [N, F], in time order, and find each sensor's detection limits.

    ``spread`` [F] is each feature's standard deviation on clean rows. A fault counts as found where so many of n rows score
    above ``threshold`` that at least ``SHARE`` of all such rows would, with ``CONFIDENCE`` (Clopper and Pearson 1934,
    one-sided). n is at most what the rows are worth as independent ones; where that is too few to be that confident,
    ``SHARE`` of the rows themselves must be found, and no confidence is stated.
    """
    effective = effective_count(raw.scores(calibration))
    certified = needed_rows(effective) is not None
    count, features = within_budget(effective if certified else len(calibration), len(spec))
    rows = calibration[_evenly(len(calibration), count)]
    needed = needed_rows(count) if certified else None
    trials = Trials(raw, threshold, rows, math.ceil(SHARE * count) if needed is None else needed, seed)
    tried = _evenly(len(spec), features)
    return Detectability(
        share=SHARE,
        confidence=None if needed is None else CONFIDENCE,
        rows=count,
        largest=LARGEST,
        limits=tuple(trials.limit(i, spec.names[i], kind, float(spread[i])) for i in tried.tolist() for kind in KINDS),
    )


def needed_rows(n: int) -> int | None:
    """Give how many of ``n`` faulty rows must be found to be confident that the share is reached; None where n are too few."""
    needed = int(stats.binom.ppf(CONFIDENCE, n, SHARE)) + 1
    return needed if needed <= n else None


def within_budget(rows: int, features: int) -> tuple[int, int]:
    """Give how many rows and how many features can be tried, of so many: where data is wide, fewer rows, then features."""
    trials = BUDGET // (STEPS * len(KINDS) * features)  # rows with a fault, over all the features that are tried
    rows = min(rows, MOST_ROWS, max(trials // features, WIDE_ROWS))
    return rows, min(features, max(trials // rows, 1))


def smallest_found(is_found: Callable[[float], bool], largest: float) -> float | None:
    """Give the smallest size that is found, None where ``largest`` is not.

    From the largest down by ``COARSE`` to the first that is not found, then halving that step: so that a size which is
    found by chance, below one that is not, does not count.
    """
    if not is_found(largest):
        return None
    size = largest
    while size > LEAST and is_found(size / COARSE):
        size /= COARSE
    below = size / COARSE
    for _ in range(HALVINGS):
        middle = math.sqrt(below * size)
        below, size = (below, middle) if is_found(middle) else (middle, size)
    return size


def _evenly(total: int, count: int) -> NDArray[np.intp]:
    """Choose ``count`` of ``total`` places at even distances."""
    return np.linspace(0, total - 1, count).round().astype(np.intp)


def _short(value: float) -> float:
    return float(f"{value:.4g}")
