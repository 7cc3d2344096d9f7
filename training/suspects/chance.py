"""How strange clean rows are by chance: a tail fitted to the scores that anomalies among them cannot reach."""

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

BODY = (0.5, 0.85)  # the quantiles between which scores are taken at their word
LONGEST_TAIL = 0.5  # a longer tail would have no variance; where the likeliest is longer, anomalies made it so
NEARLY_ZERO = 1e-6


def expected_by_chance(score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Say of each of ``score`` [N] how many of N clean rows would score as high by chance [N].

    Above the median a generalised Pareto tail (Pickands 1975) is fitted by maximum likelihood, with scores beyond the
    85 % quantile counted but not measured (censored): so up to 15 % of anomalies bend it little. The tail has
    no end, as scores have none: its index is not negative. At most N, and below the median the share that is there.
    """
    ordered = np.sort(score)
    n = ordered.size
    at_least = n - np.searchsorted(ordered, score, side="left")
    start, end = (float(value) for value in np.quantile(ordered, BODY))
    if not end > start:
        return at_least.astype(np.float64)
    exceeding = int((ordered > start).sum())
    excess = np.minimum(ordered[ordered > start], end) - start
    scale, shape = _fit(excess, ordered[ordered > start] <= end)
    with np.errstate(over="ignore"):
        beyond = np.log1p(shape * np.maximum(score - start, 0) / scale) / shape
    return np.where(score > start, exceeding * np.exp(-beyond), at_least)


def _fit(excess: NDArray[np.float64], measured: NDArray[np.bool_]) -> tuple[float, float]:
    """Return scale and shape of the likeliest generalised Pareto law; where not ``measured``, excesses are at least so."""
    unit = float(excess.mean())

    def negative_log_likelihood(parameters: NDArray[np.float64]) -> float:
        log_scale, shape = parameters
        beyond = np.log1p(shape * excess / (unit * np.exp(log_scale))) / shape
        return float(beyond.sum() + (shape * beyond + log_scale)[measured].sum())

    best = optimize.minimize(
        negative_log_likelihood,
        np.array([0.0, 0.1]),
        bounds=[(-10, 10), (NEARLY_ZERO, LONGEST_TAIL)],
        method="L-BFGS-B",
    )
    return unit * float(np.exp(best.x[0])), float(best.x[1])
