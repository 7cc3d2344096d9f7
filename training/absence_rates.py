"""The promise where values are absent: how many clean samples raise an alarm with so many of them hidden."""

import logging

import numpy as np
from numpy.typing import NDArray

from model.raw_scorer import RawScorer

log = logging.getLogger("plumbline.training")

COUNTS = 8  # numbers of absent values that are tried, at most
REPEATS = 4000  # clean rows are tried so often that there are about so many samples


def without(x: NDArray[np.float64], count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return ``x`` [B, F] with ``count`` values of each row absent, drawn at random."""
    hidden = rng.random(x.shape).argsort(axis=1) < count
    return np.where(hidden, np.nan, x)


def tried_counts(most: int) -> NDArray[np.int64]:
    """Choose at most ``COUNTS`` numbers of absent values from 1 to ``most``, evenly."""
    return np.unique(np.linspace(1, most, min(COUNTS, most)).round().astype(np.int64))


def measure_absence(
    raw: RawScorer, threshold: float, clean: NDArray[np.float64], most: int, seed: int
) -> dict[int, float]:
    """Give the false-alarm rate of ``clean`` rows [n, F] by the number of values hidden in each, at random, up to ``most``."""
    rng = np.random.default_rng([seed, 4])
    repeated = np.tile(clean, (max(REPEATS // len(clean), 1), 1))
    return {
        count: float((raw.scores(without(repeated, count, rng)) > threshold).mean())
        for count in (tried_counts(most).tolist() if most else [])
    }


def tell_absence(rates: dict[int, float], target_fpr: float) -> None:
    """Log the rates beside the promise."""
    if rates:
        told = ", ".join(f"{100 * rate:.2g} % with {count} absent" for count, rate in rates.items())
        log.info("false alarms where %.3g %% are promised of complete samples: %s", 100 * target_fpr, told)


def absence_metrics(rates: dict[int, float]) -> dict[str, float]:
    """Name the rates as the manifest lists them."""
    return {f"false_alarm_rate_{count}_absent": round(rate, 6) for count, rate in rates.items()}
