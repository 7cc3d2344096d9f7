"""What is promised of the false-alarm rate, in plain sentences, and what the promise stands on."""

from scipy import stats

from model.threshold import Threshold
from training.calibrate import conformal_minimum
from training.drift import Drift
from training.report.findings import Finding
from training.report.typography import count, percent, quantity

DEPENDENT = 0.5  # effective over counted samples, below which neighbours are worth a word


def promise(threshold: Threshold) -> str:
    """Say what the threshold promises and how firmly."""
    rate, n = percent(threshold.target_fpr), count(threshold.calibration_count, "clean sample")
    cross_fitted = threshold.method == "cross_fitted"
    origin = (
        f"{n}, each scored by a detector that had not learned from it" if cross_fitted else f"{n} kept out of training"
    )
    about = " As the detector in use is another one than those, this holds approximately." if cross_fitted else ""
    if threshold.rule == "tolerance" and threshold.confidence is not None:
        confidence = percent(threshold.confidence)
        return f"At most {rate} of clean samples raise an alarm. Certified with {confidence} confidence from {origin}.{about}"
    if threshold.rule == "conformal" and not holds_on_average(threshold):
        worth, needed = threshold.effective_count, conformal_minimum(threshold.target_fpr)
        return (
            f"{rate} of clean samples were to raise an alarm. On average over calibration sets that takes {count(needed)} "
            f"independent samples; {origin} are worth about {count(worth or 1)}. The threshold is the largest of their "
            "scores, and nothing is promised."
        )
    if threshold.rule == "conformal":
        return (
            f"At most {rate} of clean samples raise an alarm on average over calibration sets, by {origin}. The rate of "
            f"this one threshold can be higher.{about}"
        )
    return (
        f"About {rate} of clean samples are expected to raise an alarm, extrapolated from the tail of {n}. "
        "Nothing certifies this."
    )


def holds_on_average(threshold: Threshold) -> bool:
    """Say whether the conformal rule has the independent samples that its promise takes."""
    return (threshold.effective_count or threshold.calibration_count) >= conformal_minimum(threshold.target_fpr)


def rate_interval(above: int, n: int, effective: int) -> tuple[float, float]:
    """Bound the true false-alarm rate, central 90 % over calibration sets, of a threshold with ``above`` of ``n`` above it.

    The rate is Beta(above + 1, n - above) distributed for exchangeable samples and a threshold set at a score; where n
    samples are worth ``effective`` independent ones, for so many with the same share above.
    """
    share = above * effective / n
    low, high = stats.beta.ppf((0.05, 0.95), share + 1, effective - share)
    return float(low), float(high)


def check_certainty(threshold: Threshold) -> Finding:
    """Say how firm the promise is, by the rule the threshold was set with and what its samples are."""
    if threshold.rule == "tail":
        return Finding("caution", "The false-alarm rate is extrapolated, not certified.", promise(threshold), "promise")
    if threshold.rule == "conformal" and not holds_on_average(threshold):
        return Finding("bad", "No false-alarm rate is promised.", promise(threshold), "promise")
    if threshold.rule == "conformal":
        return Finding("caution", "The false-alarm rate holds on average only.", promise(threshold), "promise")
    if threshold.method == "cross_fitted":
        return Finding("note", "The false-alarm rate is certified approximately.", promise(threshold), "promise")
    return Finding("good", "The false-alarm rate is certified.", promise(threshold), "promise")


def check_independence(threshold: Threshold, split: str) -> Finding:
    """Hold the calibration samples against what the promise assumes of them."""
    n, effective = threshold.calibration_count, threshold.effective_count or threshold.calibration_count
    if split == "random":
        return Finding(
            "caution",
            "The data was split at random.",
            "Neighbours in time stand on both sides of the split, so calibration samples are easier than new ones "
            "will be, unless every row stands for itself. Split by time or by group.",
            "promise",
        )
    if effective > DEPENDENT * n:
        return Finding("good", "Calibration samples hardly depend on their neighbours.", section="order")
    return Finding(
        "note" if threshold.rule == "tolerance" else "caution",
        "Neighbouring calibration samples repeat each other.",
        f"{count(n)} samples in a row carry about as much news as {count(effective, 'independent one')}. The threshold is "
        "set for so many; calibrated over a longer time it would be lower.",
        "order",
    )


def check_drift(drift: Drift) -> Finding:
    """Say whether clean scores kept their level in time."""
    if drift.is_significant:
        return Finding(
            "caution",
            "Clean scores do not keep their level.",
            f"Their median is {quantity(drift.early)} in the first half of the calibration samples and "
            f"{quantity(drift.late)} in the second: more than chance explains. The rate holds for samples like these, and "
            "may not hold for later ones.",
            "order",
        )
    if drift.p_value is None:
        return Finding(
            "note",
            "Too few independent samples to tell whether clean scores drift.",
            "Watch the rate on new clean data.",
            "order",
        )
    return Finding("good", "Clean scores keep their level over the calibration samples.", section="order")
