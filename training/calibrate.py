"""From clean scores to a threshold whose false-alarm rate is promised, or an honest refusal.

n: calibration scores, s_(1) <= ... <= s_(n). A threshold at s_(k) raises an alarm strictly above it. For exchangeable
samples with a continuous score its true false-alarm rate is Beta(n + 1 - k, k) distributed over calibration sets;
ties only lower it.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from model.errors import CalibrationError
from model.threshold import CalibrationMethod, CalibrationRule, Threshold

TAIL_SHARE = 0.1  # the share of the largest scores that the tail fit sees
TAIL_MINIMUM = 30  # fewer exceedances leave the shape of the tail undetermined


def calibrate(
    scores: NDArray[np.float64],
    target_fpr: float,
    rule: CalibrationRule,
    confidence: float,
    *,
    effective: int | None = None,
    method: CalibrationMethod = "held_out",
) -> Threshold:
    """Set the threshold on clean ``scores`` [n] that are worth ``effective`` independent ones; by default, all n.

    The rank is chosen for so many samples, and the threshold leaves the same share of the n scores above it. Where the
    conformal rule has too few of them for one allowed alarm, the largest score is the threshold.

    Raises:
        CalibrationError: the scores are not finite, or too few for what was asked; names how many are needed.
    """
    if not (0 < target_fpr < 1 and 0 < confidence < 1):
        raise CalibrationError(
            f"a false-alarm rate and a confidence lie between 0 and 1, found {target_fpr:g} and {confidence:g}"
        )
    ordered = np.sort(scores)
    if not np.isfinite(ordered).all():
        raise CalibrationError(
            f"calibration scores must be finite, found {int((~np.isfinite(ordered)).sum())} that are not"
        )
    worth = ordered.size if effective is None else min(effective, ordered.size)
    if rule == "tolerance":
        require_independent(ordered.size, worth, target_fpr, confidence)
        value = ordered[_same_share(tolerance_rank(worth, target_fpr, confidence), worth, ordered.size) - 1]
    elif rule == "conformal":
        rank = conformal_rank(ordered.size, target_fpr)
        if worth < ordered.size:
            enough = worth >= conformal_minimum(target_fpr)
            rank = _same_share(conformal_rank(worth, target_fpr), worth, ordered.size) if enough else ordered.size
        value = ordered[rank - 1]
    else:
        value = tail_value(ordered, target_fpr)
    return Threshold(
        value=float(value),
        target_fpr=target_fpr,
        rule=rule,
        confidence=confidence if rule == "tolerance" else None,
        calibration_count=ordered.size,
        effective_count=None if effective is None else worth,
        method=method,
    )


def threshold_at(
    value: float, scores: NDArray[np.float64], confidence: float, *, effective: int, method: CalibrationMethod
) -> Threshold:
    """State the smallest rate that the tolerance rule certifies for a threshold at ``value``, one of ``scores`` [n].

    With a of n independent scores above it, that is the ``confidence`` quantile of Beta(a + 1, n - a); scores worth
    ``effective`` ones count as so many, with the same share above.
    """
    worth = min(effective, scores.size)
    above = int((scores > value).sum()) * worth / scores.size
    return Threshold(
        value=value,
        target_fpr=float(stats.beta.ppf(confidence, above + 1, worth - above)),
        rule="tolerance",
        confidence=confidence,
        calibration_count=scores.size,
        effective_count=worth,
        method=method,
    )


def _same_share(rank: int, worth: int, n: int) -> int:
    """Give the rank among n scores that leaves the share above it that ``rank`` leaves of ``worth`` scores."""
    return n - (worth - rank) * n // worth


def smallest_rate(n: int, confidence: float) -> float:
    """Give the smallest rate that the tolerance rule certifies with ``n`` independent samples."""
    return -math.expm1(math.log1p(-confidence) / n)


def require_independent(n: int, effective: int, target_fpr: float, confidence: float) -> None:
    """Refuse to certify where ``n`` scores are enough, but not the ``effective`` independent ones they are worth.

    Raises:
        CalibrationError: says what they are worth, and the smallest rate they certify.
    """
    needed = tolerance_minimum(target_fpr, confidence)
    if effective < needed <= n:
        raise CalibrationError(
            f"to certify a false-alarm rate of {target_fpr:.3g} with {100 * confidence:g}% confidence takes {needed:,} "
            f"independent clean calibration samples; the {n:,} there are repeat their neighbours and are worth about "
            f"{effective:,}, which certify {smallest_rate(effective, confidence):.2g} at the smallest; give clean data of "
            "a longer time, a looser rate, or ask for the conformal rule, which then promises nothing for certain"
        )


def tolerance_rank(n: int, target_fpr: float, confidence: float) -> int:
    """Give the smallest k with P(false-alarm rate at s_(k) <= target_fpr) >= confidence.

    The one-sided distribution-free tolerance limit (Wilks, Annals of Mathematical Statistics, 1941).
    """
    needed = tolerance_minimum(target_fpr, confidence)
    if n < needed:
        raise CalibrationError(
            f"to certify a false-alarm rate of {target_fpr:.3g} with {100 * confidence:g}% confidence takes {needed:,} clean "
            f"calibration samples, found {n:,}; give more clean data, a larger calibration share or a looser rate, "
            f"or ask for the conformal rule ({conformal_minimum(target_fpr):,} samples, right on average)"
        )
    # P(Beta(n + 1 - k, k) <= t) = P(Binomial(n, t) >= n + 1 - k): at most n - k of n clean scores lie in the tail of mass t
    # with probability 1 - confidence, which the binomial quantile finds at once.
    above = int(stats.binom.ppf(1 - confidence, n, target_fpr))
    while above > 0 and stats.beta.cdf(target_fpr, above, n + 1 - above) < confidence:
        above -= 1
    while stats.beta.cdf(target_fpr, above + 1, n - above) >= confidence:
        above += 1
    return min(n + 1 - above, n)


def tolerance_minimum(target_fpr: float, confidence: float) -> int:
    """Give the fewest samples the tolerance rule can work with: 1 - (1 - target_fpr)^n >= confidence."""
    return math.ceil(math.log1p(-confidence) / math.log1p(-target_fpr))


def conformal_rank(n: int, target_fpr: float) -> int:
    """Give k = n + 1 - m with m = floor(target_fpr * (n + 1)): the false-alarm rate is at most target_fpr on average."""
    allowed = math.floor(target_fpr * (n + 1) + 1e-9)  # 0.07 * 100 must be 7, whatever binary makes of it
    if allowed < 1:
        raise CalibrationError(
            f"a false-alarm rate of {target_fpr:.3g} takes {conformal_minimum(target_fpr):,} clean calibration samples "
            f"by the conformal rule, found {n:,}; give more clean data, a looser rate, or ask for the tail rule, "
            "an extrapolation that nothing certifies"
        )
    return n + 1 - allowed


def conformal_minimum(target_fpr: float) -> int:
    """Give the fewest samples the conformal rule can work with."""
    return math.ceil(1 / target_fpr - 1e-9) - 1


def tail_value(ordered: NDArray[np.float64], target_fpr: float) -> float:
    """Extrapolate with a generalised Pareto tail over the largest scores (Pickands 1975). Certifies nothing.

    Never below the value that leaves ``target_fpr`` of the calibration scores above it: on tied scores the fit can fail.
    """
    _require_tail(ordered.size, target_fpr)
    exceeding = int(TAIL_SHARE * ordered.size)
    start = float(ordered[-exceeding - 1])
    excess = ordered[-exceeding:] - start
    shape, _, scale = stats.genpareto.fit(excess, floc=0)
    beyond = float(stats.genpareto.isf(target_fpr * ordered.size / exceeding, shape, loc=0, scale=scale))
    if not math.isfinite(beyond):
        raise CalibrationError("the tail of the calibration scores cannot be extrapolated: the fit is not finite")
    return max(start + beyond, float(ordered[-int(target_fpr * ordered.size) - 1]))


def require_enough(n: int, target_fpr: float, rule: CalibrationRule, confidence: float) -> None:
    """Refuse before training what calibration would have to refuse after it.

    Raises:
        CalibrationError: ``n`` samples cannot support the promise; names how many can.
    """
    if rule == "tolerance":
        tolerance_rank(n, target_fpr, confidence)
    elif rule == "conformal":
        conformal_rank(n, target_fpr)
    else:
        _require_tail(n, target_fpr)


def _require_tail(n: int, target_fpr: float) -> None:
    if int(TAIL_SHARE * n) < TAIL_MINIMUM or target_fpr >= TAIL_SHARE:
        raise CalibrationError(
            f"the tail rule fits the largest {TAIL_SHARE:.0%} of at least {int(TAIL_MINIMUM / TAIL_SHARE):,} clean scores "
            f"and works for rates below {TAIL_SHARE:g}; found {n:,} scores and a rate of {target_fpr:.3g}"
        )
